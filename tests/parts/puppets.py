"""A puppet: in place of the process of an isolated line, started in a twentieth of its time, saying what it is told."""

import contextlib
import sys

from isolated_plugins import IsolatedField

from gatewayd import clock
from gatewayd.isolation import process
from gatewayd.isolation.messages import Beat, Done, Fed, Ready, Told, Unfit, framed
from gatewayd.recorder.entries import Poll
from gatewayd.sources.status import Health

PROGRAM = """
import os, signal, socket, struct, sys, time
end = socket.socket(fileno=int(sys.argv[1]))
LINES = {lines!r}

def say(*names):
    for name in names:
        end.sendall(LINES[name])

def hear():
    length = struct.unpack("<I", end.recv(4, socket.MSG_WAITALL))[0]
    return end.recv(length, socket.MSG_WAITALL)

def live(seconds=60):
    until = time.time() + seconds
    while time.time() < until:
        say("beat", "values")
        time.sleep(0.02)

hear()
{acts}
"""


class Puppet(IsolatedField):
    """A field whose one line `rogue1` has a process that does as `acts` says, which is Python; nothing else is loaded.

    There it may `say` the names of `lines`, `hear` what the gateway says, and `live` (beat and give values).
    """

    def __init__(self, folder, monkeypatch):
        super().__init__(folder, monkeypatch)
        self._monkeypatch = monkeypatch
        self.acts = "say('ready'); live()"
        self.also = {}

    @contextlib.asynccontextmanager
    async def running(self, *arguments, **more):
        async with super().running(*arguments, **more):
            program = self._folder / "puppet.py"
            program.write_text(PROGRAM.format(lines=self._lines(), acts=self.acts))
            self._monkeypatch.setattr(process, "COMMAND", (sys.executable, "-I", "-S", str(program)))
            yield self

    def _lines(self):
        names = [channel.name for channel in self.plan.channels]
        groups = [(group.source, [names[number] for number in group.channels]) for group in self.plan.groups]
        two = Poll(0, 0, bytes(16), b"", None, 0, 0)
        said = {
            "ready": Ready(groups, {}),
            "unfit": Unfit("no such luck"),
            "beat": self.beat(),
            "stuck": self.beat(stuck=True),
            "values": Fed([two]),
            "event": Told("info", "noted", '{"a": 1}'),
            "done": Done(0, ""),
            **self.also,
        }
        return {name: each if isinstance(each, bytes) else framed(each) for name, each in said.items()}

    def beat(self, source="rogue1", *, stuck=False, memories=None):
        return Beat([Health(source, "rogue").status(clock.now(), {})], stuck, 1000, memories or {})

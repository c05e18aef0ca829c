"""A puppet: in place of the process of an isolated line, started in a twentieth of its time, saying what it is told."""

import contextlib
import sys

from isolated_plugins import IsolatedField

from gatewayd import clock
from gatewayd.isolation import process
from gatewayd.isolation.messages import Beat, Done, Fed, Ready, Told, Unfit, framed
from gatewayd.recorder.entries import Poll
from gatewayd.sources.health.status import Health

PROGRAM = """
import os, signal, socket, struct, sys, time
end = socket.socket(fileno=int(sys.argv[1]))
LINES = {lines!r}[sys.argv[2]]

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
    """A field whose lines have processes that do as `acts` says, which is Python; nothing else is loaded.

    There they may `say` the names of `lines`, `hear` what the gateway says, and `live` (beat and give values).
    """

    def __init__(self, folder, monkeypatch):
        super().__init__(folder, monkeypatch)
        self._monkeypatch = monkeypatch
        self.acts = "say('ready'); live()"
        self.also = {}

    @contextlib.asynccontextmanager
    async def running(self, *arguments, **more):
        async with super().running(*arguments, **more):
            lines = {place.line.name: self._lines(place.line.members) for place in self.field._places}
            program = self._folder / "puppet.py"
            program.write_text(PROGRAM.format(lines=lines, acts=self.acts))
            self._monkeypatch.setattr(process, "COMMAND", (sys.executable, "-I", "-S", str(program)))
            yield self

    def _lines(self, members):
        names = [channel.name for channel in self.plan.channels]
        of_it = [group for group in self.plan.groups if group.source in members]
        groups = [(group.source, [names[number] for number in group.channels]) for group in of_it]
        said = {
            "ready": Ready(groups, {}),
            "unfit": Unfit("no such luck"),
            "beat": self.beat(*members),
            "stuck": self.beat(*members, stuck=True),
            "values": Fed([Poll(n, 0, bytes(16), b"", None, 0, 0) for n in range(len(groups))]),
            "event": Told("info", "noted", '{"a": 1}'),
            "done": Done(0, ""),
            **self.also,
        }
        return {name: each if isinstance(each, bytes) else framed(each) for name, each in said.items()}

    def beat(self, *sources, stuck=False, memories=None):
        return Beat([Health(each, "rogue").status(clock.now(), {}) for each in sources], stuck, 1000, memories or {})

"""A plugin of a third party that can do everything wrong, and a field whose line of it has a process of its own."""

import asyncio
import contextlib
import time

import fake_plugins

from gatewayd.config import load
from gatewayd.isolation import Isolation, Limits
from gatewayd.model import Burst, Polled
from gatewayd.sources import Field

ROGUE = '''
import asyncio
import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import numpy as np
import structlog

from gatewayd.plugin import Block, Channel, Kind, Line, Source, Waveform, hookimpl
from gatewayd.sources.calling import deadline

APART = sys.argv[0].endswith("isolation/child/__main__.py")
if APART:
    deadline.AGAIN = 0.1  # so that no test has to wait for it


@dataclass
class Rogue(Source):
    """Well behaved until a file of its name is there; then it does at its next poll what that says."""

    do: str
    shared: str = ""
    waves: bool = False
    limit: float = 5.0
    fickle: str = ""
    remembered = b""
    count = 0.0

    def __post_init__(self):
        if APART and self.fickle == "options":
            raise ValueError("no such luck")
        if APART and self.fickle == "exit":
            sys.exit("goodbye")

    @property
    def poll_limit(self):
        return self.limit

    def declare(self):
        if APART and self.fickle == "channels":
            return [Channel("other")]
        channels = [Channel("count", writable=(0, 100)), Channel("pid")]
        return [*channels, Channel("sound", kind=Kind.WAVEFORM)] if self.waves else channels

    def line(self):
        return Line(self.shared) if self.shared else None

    def recall(self, memory):
        self.remembered = memory

    def memory(self):
        return self.remembered.removesuffix(b".") + b"."

    async def write(self, channel, value):
        if value > 50:
            raise ValueError("too much for it")
        self.count = value

    async def close(self):
        if os.path.exists(self.do + ".close"):
            await self.spin()

    async def poll(self, poll):
        if os.path.exists(self.do):
            with open(self.do) as file:
                what = file.read()
            os.unlink(self.do)
            await getattr(self, what)()
        self.count += 1
        values = Block(("count", "pid"), (self.count, float(os.getpid())))
        return [values, Waveform("sound", np.arange(64.0), 1000.0)] if self.waves else values

    async def segfault(self):
        ctypes.string_at(0)

    async def abort(self):
        os.abort()

    async def exit(self):
        os._exit(3)

    async def spin(self):
        while True:
            pass

    async def block(self):
        time.sleep(1000)

    async def swallow(self):
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                pass

    async def babble(self):
        while True:
            os.write(2, b"x" * 65536)

    async def log_without_end(self):
        while True:
            structlog.get_logger().info("still_here")

    async def flood(self):
        self.poll = self.flooding

    async def flooding(self, poll):
        return Block(("count", "pid"), (1.0, 2.0)), *(
            [Waveform("sound", np.zeros(3_000_000), 1000.0)] if self.waves else []
        )

    def to_the_gateway(self, data):
        for descriptor in os.listdir("/proc/self/fd"):
            try:
                socket.socket(fileno=os.dup(int(descriptor))).sendall(data)
            except OSError:
                pass

    async def rubbish(self):
        self.to_the_gateway(b"\\x04\\0\\0\\0\\xc1\\xc1\\xc1\\xc1")

    async def wild(self):
        from gatewayd.isolation.messages import Fed, framed
        from gatewayd.recorder.entries import Poll
        self.to_the_gateway(framed(Fed([Poll(0, 0, bytes(8), b"", None, 0, 0)])))

    async def hang_up(self):
        self.to_the_gateway(b"")
        for descriptor in os.listdir("/proc/self/fd"):
            try:
                socket.socket(fileno=int(descriptor)).shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        await self.block()

    async def leave_behind(self):
        print("child", subprocess.Popen(["sleep", "1000"]).pid, flush=True)
        os.abort()

    async def keep_a_thread(self):
        threading.Thread(target=time.sleep, args=(1000,)).start()


@hookimpl
def register_sources(register):
    register("rogue", Rogue)
'''

CONFIG = """
[gateway]
id = "hafen-01"

[mqtt]
url = "mqtt://localhost"
"""
TABLE = """
[sources.{name}]
plugin = "rogue"
interval = "{interval}"
isolation = "process"
do = "{do}"
{options}
"""
PATIENCE = 30.0
QUICK = Limits(beat=0.05, silence=PATIENCE, stop=PATIENCE, steady=30.0)
"""It tells often how it is; that it is silent or does not stop is seen late, for a busy machine is slow as well."""


class IsolatedField:
    """Sources of the plugin `rogue`, each made by `source`, and what came of them."""

    def __init__(self, folder, monkeypatch):
        fake_plugins.install(monkeypatch, folder, "rogue", ROGUE)
        self.fed = []
        self._folder = folder
        self._tables = []
        self._news = asyncio.Event()

    def source(self, name="rogue1", interval="20ms", options=""):
        do = self._folder / f"{name}.do"
        self._tables.append(TABLE.format(name=name, interval=interval, do=do, options=options))

    def do(self, what, name="rogue1"):
        """Have a source do something at its next poll."""
        path = self._folder / f"{name}.new"
        path.write_text(what)
        path.rename(self._folder / f"{name}.do")

    def refuse_to_close(self, name="rogue1"):
        (self._folder / f"{name}.do.close").touch()

    @contextlib.asynccontextmanager
    async def running(self, limits=QUICK, memories=None):
        if not self._tables:
            self.source()
        path = self._folder / "gatewayd.toml"
        path.write_text(CONFIG + "".join(self._tables))
        config = load(path)
        assert config.problems == ()
        self.plan = config.plan
        self.field = Field(config.sources.values(), config.plan, self.feed, Isolation(limits).line)
        self.field.recall(memories or {})
        tasks = {asyncio.create_task(self.field.run(), name="field"), asyncio.create_task(self._watch(), name="watch")}
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _watch(self):
        """How much of the processor the event loop needs at once, however busy the machine is."""
        self.longest_hold = 0.0
        while True:
            begun = time.thread_time()
            await asyncio.sleep(0.002)
            self.longest_hold = max(self.longest_hold, time.thread_time() - begun)

    def feed(self, item):
        self.fed.append(item)
        self._news.set()

    async def until(self, wanted):
        """Wait until `wanted` gives something, with each input; give that."""
        async with asyncio.timeout(PATIENCE):
            while not (found := wanted()):
                self._news.clear()
                await self._news.wait()
        return found

    async def answers(self, name="rogue1"):
        """Wait for the next good poll and give its values: the count, and the number of the process."""
        seen = len(self.fed)
        good = await self.until(lambda: [each for each in self.polled(name, seen) if not each.failed])
        return good[0].values.tolist()[:2]

    async def fails(self, name="rogue1"):
        """Wait for the next poll without an answer; give the reason."""
        seen = len(self.fed)
        bad = await self.until(lambda: [each for each in self.polled(name, seen) if each.failed])
        return next(iter(bad[0].reasons.values()))

    def polled(self, name="rogue1", since=0):
        groups = {number for number, group in enumerate(self.plan.groups) if group.source == name}
        return [each for each in self.fed[since:] if isinstance(each, Polled) and each.group in groups]

    def bursts(self):
        return [each for each in self.fed if isinstance(each, Burst)]

    def status(self, name="rogue1"):
        return next(each for each in self.field.status() if each.name == name)

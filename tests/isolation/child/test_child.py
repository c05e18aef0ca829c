"""What a child tells the gateway, here and in simulated time: the other end of its socket is the test's."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from fake_field import FakeSource, _plan

from gatewayd.isolation.child import wire
from gatewayd.isolation.child.child import MEMORY_EVERY, Child
from gatewayd.isolation.child.wire import Wire
from gatewayd.isolation.messages import HEAD, Beat, Done, Fed, Forget, Ready, Set, Setup, Stop, framed, received
from gatewayd.model import Block, Channel, Waveform
from gatewayd.plugin import SourceError
from gatewayd.testing import simulate


class Gateway:
    """The other end: says orders, and hears reports."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    def say(self, *orders):
        for order in orders:
            self._writer.write(framed(order))

    async def hears(self, kind):
        """The next report of this kind."""
        while True:
            (length,) = HEAD.unpack(await self._reader.readexactly(HEAD.size))
            report = received(await self._reader.readexactly(length))
            if isinstance(report, kind):
                return report


@contextlib.asynccontextmanager
async def talking(source, memories=None, interval=1.0):
    """A child that polls one source `pump1`, until it is told to stop or the test has heard enough."""
    ours, theirs = socket.socketpair()
    plan, configured = _plan({"pump1": source}, interval, False)
    child = Child(Setup({}, memories or {}, 1.0), configured, plan, Wire(theirs))
    running = asyncio.create_task(child.run())
    reader, writer = await asyncio.open_connection(sock=ours)
    gateway = Gateway(reader, writer)
    yield gateway
    gateway.say(Stop())
    await running
    writer.close()
    theirs.close()


@pytest.fixture(autouse=True)
def _alive(monkeypatch):
    """A child whose gateway has gone ends at once, but not with the tests."""
    monkeypatch.setattr(wire.os, "_exit", pytest.fail)


def in_simulation(script):
    return simulate(script(), moment=0.003)


def test_it_says_what_it_polls_and_then_what_comes_of_each_poll_in_one_message():
    wave = Waveform("sound", [1.0, 2.0], 100.0)
    source = FakeSource(
        names=("a", "sound"),
        waveforms=("sound",),
        answer=lambda poll: [Block(("a",), [1.5]), Block(("a",), [2.5], time=7), wave],
    )

    async def script():
        async with talking(source) as gateway:
            return await gateway.hears(Ready), await gateway.hears(Fed)

    ready, fed = in_simulation(script)
    assert (ready.groups, ready.waveforms) == ([("pump1", ["pump1.a", "pump1.sound"])], {1: "pump1.sound"})
    earlier, later, burst = (each.input() for each in fed.inputs)
    assert (earlier.time, earlier.values[0], later.values[0]) == (7, 2.5, 1.5)
    assert (burst.channel, burst.values.tolist(), burst.rate) == (1, [1.0, 2.0], 100.0)


def test_it_gives_a_sign_of_life_each_second_with_the_state_of_its_sources():
    async def script():
        async with talking(FakeSource()) as gateway:
            time = asyncio.get_running_loop().time
            return [(await gateway.hears(Beat), time()) for _ in range(5)]

    beats = in_simulation(script)
    assert {round(then - now, 1) for (_, now), (_, then) in pairwise(beats)} == {1.0}
    last = beats[-1][0]
    assert [(each.name, each.state) for each in last.statuses] == [("pump1", "ok")]
    assert (last.stuck, last.memories) == (False, {})
    assert last.memory > 1e6


def test_it_says_when_a_call_cannot_be_broken_off():
    async def swallows(poll):
        ends = asyncio.get_running_loop().time() + 60
        while asyncio.get_running_loop().time() < ends:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    async def script():
        async with talking(FakeSource(answer=swallows)) as gateway:
            begun = asyncio.get_running_loop().time()
            while not (await gateway.hears(Beat)).stuck:
                pass
            return asyncio.get_running_loop().time() - begun

    assert 5.0 < in_simulation(script) < 30.0


@dataclass
class Pump(FakeSource):
    """Can be written, and remembers what was."""

    names: tuple = ("speed",)
    written: list = field(default_factory=list)
    remembered: bytes = b""

    def declare(self):
        return [Channel("speed", writable=(0, 100))]

    async def write(self, channel, value):
        if value > 50:
            raise SourceError("too much for it")
        self.written.append(value)

    def recall(self, memory):
        self.remembered = memory

    def memory(self):
        return self.remembered


def test_it_writes_what_it_is_told_to_and_says_how_that_went():
    pump = Pump()

    async def script():
        async with talking(pump) as gateway:
            gateway.say(Set(3, "pump1", "speed", 42.0), Set(4, "pump1", "speed", 77.0))
            return await gateway.hears(Done), await gateway.hears(Done)

    done, failed = in_simulation(script)
    assert (done.number, done.failure, pump.written) == (3, "", [42.0])
    assert failed.number == 4
    assert "too much for it" in failed.failure


def test_what_nobody_waits_for_any_more_is_not_written():
    """It would have been later, when the line was free."""
    pump = Pump(takes=0.5)

    async def script():
        async with talking(pump) as gateway:
            await gateway.hears(Fed)
            await asyncio.sleep(0.6)  # a poll is being made
            gateway.say(Set(1, "pump1", "speed", 42.0), Forget(1), Forget(99))
            await gateway.hears(Fed)
            await gateway.hears(Fed)

    in_simulation(script)
    assert pump.written == []


def test_what_sources_learn_is_told_now_and_then_and_at_the_end_if_it_is_new():
    pump = Pump()

    async def script():
        async with talking(pump, {"pump1": b"old"}) as gateway:
            told = []
            for beat in range(3 * MEMORY_EVERY):
                if beat == MEMORY_EVERY + 5:
                    pump.remembered = b"new"
                told += [(beat, memories) for memories in [(await gateway.hears(Beat)).memories] if memories]
            pump.remembered = b"newest"
            gateway.say(Stop())
            while not (last := (await gateway.hears(Beat)).memories):
                pass
        return told, last

    assert in_simulation(script) == ([(2 * MEMORY_EVERY - 1, {"pump1": b"new"})], {"pump1": b"newest"})


def test_it_closes_its_sources_when_it_is_told_to_stop():
    source = FakeSource()

    async def script():
        async with talking(source) as gateway:
            await gateway.hears(Fed)

    in_simulation(script)
    assert source.calls()[-1] == "close"

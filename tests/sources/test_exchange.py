"""Sources are exchanged while others are polled on, as a reload does it."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from fake_field import FakeField, FakeLine, FakeSource, _plan

from gatewayd.model import Burst, Polled
from gatewayd.plugin import Block, Waveform
from gatewayd.sources import ErrandError, Field, Numbers
from gatewayd.testing import simulate


def exchanged(before, after, kept, *, then=None, at=10.5, until=20.4):
    """A field of sources that are exchanged for others at a moment."""

    async def story():
        field = FakeField(before)
        async with field.running():
            await asyncio.sleep(at)
            fed = len(field.fed)
            field.exchange(after, kept)
            if then:
                await then(field)
            await asyncio.sleep(until - at)
        field.before, field.fed = field.fed[:fed], field.fed[fed:]
        return field

    return simulate(story())


def whole_seconds(times):
    return [round(time - times[0], 3) for time in times]


def test_what_is_kept_is_polled_on_as_if_nothing_had_happened_under_its_new_number():
    pump, first, second = FakeSource(), FakeSource(), FakeSource()
    field = exchanged({"first": first, "pump": pump}, {"pump": FakeSource(), "second": second}, {"pump"})
    assert pump.calls().count("open") == 1
    times = whole_seconds(pump.times()[1:])
    assert times == [float(n) for n in range(len(times))], "the grid of its polls goes on"
    assert {item.group for item in field.before} == {0, 1}
    assert len(field.answered("pump")) == 10
    assert len(field.answered("second")) in (10, 11)
    assert field.status("pump").polls == len(pump.times())
    assert first.calls()[-1] == "close"
    assert len(first.times()) == 11


def test_waveforms_are_led_on_too():
    def sound():
        def answer(poll):
            return [Block(("loudness",), [0.5]), Waveform("sound", np.arange(10.0), 1000.0)]

        return FakeSource(names=("loudness", "sound"), waveforms=("sound",), answer=answer)

    field = exchanged({"first": FakeSource(), "ear": sound()}, {"ear": sound()}, {"ear"})
    channels = {field.plan.channels[item.channel].name for item in field.fed if isinstance(item, Burst)}
    assert channels == {"ear.sound"}


def test_a_line_stays_open_for_those_that_stay_while_others_come_and_go():
    line = FakeLine("bus")
    stays, goes, comes = (FakeSource(shares=FakeLine("bus")) for _ in range(3))
    stays.shares = line
    before = {"stays": stays, "goes": goes}
    field = exchanged(before, {"stays": FakeSource(shares=FakeLine("bus")), "comes": comes}, {"stays"})
    assert line.log == ["open", "close"], "open from the beginning to the end"
    assert stays.calls().count("open") == 1
    assert len(stays.times()) == 21
    assert (goes.calls()[-1], len(goes.times())) == ("close", 11)
    assert (comes.calls().count("open"), len(comes.times())) == (1, 10)
    assert not field.status("stays").missed
    assert not comes.shares.log, "it has the line of the others"


def test_what_is_written_anew_on_a_line_that_stays_open_is_polled_by_its_new_object():
    line = FakeLine("bus")
    stays, old, new = FakeSource(shares=line), FakeSource(shares=line), FakeSource(shares=FakeLine("bus"))
    exchanged({"stays": stays, "pump": old}, {"stays": FakeSource(shares=new.shares), "pump": new}, {"stays"})
    assert (len(old.times()), old.calls()[-1]) == (11, "close")
    assert len(new.times()) >= 10
    assert line.log == ["open", "close"]


def test_what_is_written_anew_has_a_new_object_and_a_line_with_nobody_else_is_opened_anew():
    old, new = FakeSource(shares=FakeLine("bus")), FakeSource(shares=FakeLine("bus"))
    field = exchanged({"pump": old}, {"pump": new}, set())
    assert old.calls()[-1] == "close"
    assert old.shares.log == ["open", "close"]
    assert new.times("open")[0] >= old.times("close")[0]
    assert field.status("pump").polls == len(new.times()) >= 10


def test_a_poll_that_is_under_way_is_not_broken_off_and_is_for_nobody_if_its_source_leaves():
    line = FakeLine("bus")
    stays, goes = FakeSource(takes=0.8, shares=line), FakeSource(takes=0.1, shares=FakeLine("bus"))
    field = exchanged({"stays": stays, "goes": goes}, {"stays": FakeSource(shares=FakeLine("bus"))}, {"stays"})
    assert {field.plan.groups[item.group].source for item in field.fed} == {"stays"}
    assert not field.status("stays").failed


def test_a_new_line_waits_until_the_old_one_is_closed_even_over_two_reloads():
    class Slow(FakeSource):
        async def close(self):
            await asyncio.sleep(1.0)
            await super().close()

    old, never, new = Slow(), FakeSource(), FakeSource()

    async def at_once(field):
        field.exchange({"pump": new}, set())

    exchanged({"pump": old}, {"pump": never}, set(), then=at_once)
    assert not never.log
    assert new.times("open")[0] >= old.times("close")[0]


def test_a_line_that_is_stuck_is_given_up_for_a_new_one():
    def hang(poll):
        async def deaf():
            while True:
                try:
                    await asyncio.sleep(1e6)
                except asyncio.CancelledError:
                    continue

        return deaf()

    stays, deaf = FakeSource(shares=FakeLine("bus")), FakeSource(answer=hang, shares=FakeLine("bus"))
    again = FakeSource(shares=FakeLine("bus"))
    exchanged({"stays": stays, "deaf": deaf}, {"stays": again}, {"stays"}, at=120.0, until=200.0)
    assert len(again.times()) > 60


def test_what_comes_recalls_what_is_remembered_of_it_and_what_stays_does_not():
    class Rememberer(FakeSource):
        def recall(self, memory):
            self.recalled = memory

    class Forgetful(FakeSource):
        def recall(self, memory):
            raise AssertionError("it knows better")

    comes, line = Rememberer(shares=FakeLine("bus")), FakeLine("bus")
    memories = {"comes": b"fast", "stays": b"old"}

    async def story():
        stays = Forgetful(shares=line)
        field = FakeField({"stays": stays})
        async with field.running():
            await asyncio.sleep(1.5)
            field.exchange({"stays": stays, "comes": comes}, {"stays"}, memories=memories)
            await asyncio.sleep(1.5)

    simulate(story())
    assert comes.recalled == b"fast"


class Knower(FakeSource):
    """Remembers what it is given; what it `knows` is what it has learned."""

    def __init__(self, knows=b"", **more):
        super().__init__(**more)
        self.knows = knows

    def recall(self, memory):
        self.knows = memory

    def memory(self):
        return self.knows


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_what_leaves_during_a_turn_of_its_line_has_nothing_to_remember_from_then_on(seconds):
    line = FakeLine("bus")
    stays, goes = Knower(b"1", takes=0.8, shares=line), Knower(b"2", takes=0.1, shares=FakeLine("bus"))

    async def then(field):
        await asyncio.sleep(seconds)
        assert field.field.memories() == {"stays": b"1"}

    exchanged({"stays": stays, "goes": goes}, {"stays": Knower(shares=line)}, {"stays"}, then=then)


def test_what_is_written_anew_during_a_turn_of_its_line_does_not_remember_the_device_before():
    line = FakeLine("bus")
    stays, old, new = (Knower(knows, takes=0.8, shares=line) for knows in (b"1", b"old", b"new"))

    async def then(field):
        assert field.field.memories() == {"stays": b"1", "pump": b"new"}

    exchanged({"stays": stays, "pump": old}, {"stays": Knower(shares=line), "pump": new}, {"stays"}, then=then)


def test_what_stays_but_cannot_keep_its_line_recalls_what_is_remembered_of_it():
    lines = []

    async def story():
        field = apart_field("ab", lines, [])
        plan, configured = configured_of("a")
        field.exchange(configured, plan, Numbers(plan), {"a"}, {"a": b"fast"})

    simulate(story())
    assert [line.recalled for line in lines] == [{}, {"a": b"fast"}]


def test_an_order_for_a_source_that_leaves_before_its_turn_is_refused_and_does_not_open_it_again():
    goes, stays = FakeSource(shares=FakeLine("bus")), FakeSource(takes=0.9)

    async def story():
        stays.shares = goes.shares
        field = FakeField({"goes": goes, "stays": stays})
        async with field.running():
            await asyncio.sleep(5.5)
            asked = asyncio.create_task(field.field.write("goes", "pressure", 1.0))
            await asyncio.sleep(0)
            field.exchange({"stays": FakeSource(shares=FakeLine("bus"))}, {"stays"})
            with pytest.raises(ErrandError, match="polled no more"):
                await asked
            await asyncio.sleep(5)

    simulate(story())
    assert goes.calls()[-1] == "close"


def test_what_was_never_polled_cannot_be_written():
    async def story():
        field = FakeField({"pump": FakeSource()})
        async with field.running():
            field.exchange({"other": FakeSource()}, set())
            with pytest.raises(ErrandError, match="not polled"):
                await field.field.write("pump", "pressure", 1.0)

    simulate(story())


def test_a_field_that_becomes_empty_and_full_again_goes_on():
    pump = FakeSource()

    async def again(field):
        await asyncio.sleep(2.0)
        field.exchange({"pump": pump}, set())

    field = exchanged({"old": FakeSource()}, {}, set(), then=again)
    assert field.status("pump").polls > 5


class Apart:
    """A line in a process of its own, as far as a field knows."""

    def __init__(self, sources, plan, feed):
        self.name = "apart"
        self.members = [source.name for source in sources]
        self.groups = [group for source in sources for group in source.groups]
        self.feed = feed
        self.runs = []
        self.recalled = {}

    async def run(self):
        self.runs.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            self.runs.append("ended")

    def tell(self):
        self.feed(Polled(self.groups[0], 1, np.array([1.0]), np.array([0], dtype=np.uint8)))

    def recall(self, memories):
        self.recalled = dict(memories)

    def look(self):
        pass

    def status(self, now):
        return []


def apart_field(names, lines, fed):
    def apart(*line):
        lines.append(Apart(*line))
        return lines[-1]

    plan, configured = configured_of(names)
    return Field(configured, plan, fed.append, apart)


def configured_of(names):
    plan, configured = _plan({name: FakeSource(shares=FakeLine("bus")) for name in names}, 1.0, bursts_apart=True)
    return plan, [replace(each, isolated=True) for each in configured]


@pytest.mark.parametrize(("names", "kept", "goes_on"), [("cab", "ab", False), ("ba", "ab", True), ("ab", "a", False)])
def test_an_isolated_line_goes_on_if_all_its_sources_do_and_no_others_come(names, kept, goes_on):
    lines, fed = [], []

    async def story():
        field = apart_field("ab", lines, fed)
        task = asyncio.create_task(field.run())
        await asyncio.sleep(1)
        plan, configured = configured_of(names)
        field.exchange(configured, plan, Numbers(plan), set(kept), {})
        await asyncio.sleep(1)
        for line in lines:
            line.tell()
        task.cancel()
        await asyncio.wait({task})
        return plan

    plan = simulate(story())
    assert len(lines) == (1 if goes_on else 2)
    assert [plan.groups[item.group].source for item in fed] == (["a"] if goes_on else [names[0]])
    assert all(line.runs == ["begun", "ended"] for line in lines)

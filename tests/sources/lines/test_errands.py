"""What is done on a line between its polls, when an operator asks for it."""

import asyncio

import pytest
from fake_field import FakeField, FakeLine, FakeSource

from gatewayd.plugin import SourceError
from gatewayd.sources import ErrandError
from gatewayd.sources.lines.errands import MOST
from gatewayd.testing import simulate


class Settable(FakeSource):
    """Notes what is written; takes `takes` seconds for it."""

    refuses = ""

    async def write(self, channel, value):
        await asyncio.sleep(self.takes)
        if self.refuses:
            raise SourceError(self.refuses)
        self.note(f"write {channel} {value:g}")


def during(source, work, *, line=None, interval=100.0):
    """What `work` gives while the source is polled, and the field."""

    async def run():
        field = FakeField({"pump": source}, interval=interval)
        async with field.running():
            await asyncio.sleep(1.0)
            return await work(field.field), field

    return simulate(run())


def test_a_channel_is_written_at_once_when_the_line_is_free():
    source = Settable()
    during(source, lambda field: field.write("pump", "pressure", 4.0))
    assert source.times("write pressure 4") == [pytest.approx(1001.0, abs=0.1)]


def test_a_write_is_no_poll_and_moves_none():
    source = Settable()

    async def write(field):
        await field.write("pump", "pressure", 4.0)
        await asyncio.sleep(250.0)

    _, field = during(source, write)
    assert source.times() == pytest.approx([1000.0, 1100.0, 1200.0], abs=0.1)
    assert (field.status("pump").polls, field.status("pump").missed) == (3, 0)


def test_a_write_waits_for_its_turn_on_a_busy_line():
    source = Settable(takes=0.9)
    during(source, lambda field: field.write("pump", "pressure", 4.0), interval=1.0)
    begun = [time for what, time in source.log if what == "poll"]
    (written,) = source.times("write pressure 4")
    assert not any(poll < written < poll + 0.9 - 1e-6 for poll in begun)


def test_what_the_device_says_to_a_write_reaches_who_asked():
    source = Settable()
    source.refuses = "exception 3: illegal data value"
    with pytest.raises(ErrandError, match="illegal data value"):
        during(source, lambda field: field.write("pump", "pressure", 4.0))


def test_polls_go_on_after_a_write_that_failed():
    source = Settable()
    source.refuses = "no"

    async def write(field):
        with pytest.raises(ErrandError):
            await field.write("pump", "pressure", 4.0)
        await asyncio.sleep(200.0)

    _, field = during(source, write)
    assert len(field.answered("pump")) == 3
    assert source.times("open") == pytest.approx([1000.0, 1100.0], abs=0.1)


def test_nothing_is_written_to_a_source_whose_line_is_down():
    line = FakeLine()
    line.away = True
    source = Settable(shares=line)
    with pytest.raises(ErrandError, match="no such port"):
        during(source, lambda field: field.write("pump", "pressure", 4.0))
    assert "write pressure 4" not in [what for what, _ in source.log]


def test_only_so_many_wait():
    source = Settable(takes=1.0)

    async def write(field):
        writes = [field.write("pump", "pressure", float(n)) for n in range(MOST + 3)]
        return await asyncio.gather(*writes, return_exceptions=True)

    outcomes, _ = during(source, write)
    assert [str(each) for each in outcomes if each] == [f"{MOST} others wait for the line already"] * 3
    assert len([what for what, _ in source.log if what.startswith("write")]) == MOST


def test_a_write_that_nobody_waits_for_any_more_is_not_done():
    source = Settable(takes=0.9)

    async def write(field):
        first = asyncio.ensure_future(field.write("pump", "pressure", 1.0))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await field.write("pump", "pressure", 2.0)
        await first
        await asyncio.sleep(5.0)

    during(source, write)
    assert [what for what, _ in source.log if what.startswith("write")] == ["write pressure 1"]


def test_a_stop_ends_the_wait():
    source = Settable(takes=30.0)

    async def run():
        field = FakeField({"pump": source})
        async with field.running():
            await asyncio.sleep(1.0)
            write = asyncio.ensure_future(field.field.write("pump", "pressure", 1.0))
            await asyncio.sleep(1.0)
        return await asyncio.gather(write, return_exceptions=True)

    (outcome,) = simulate(run())
    assert isinstance(outcome, ErrandError)
    assert "stopping" in str(outcome)


def test_a_write_need_not_wait_until_a_dead_neighbour_is_tried_again():
    """Its attempts keep the line busy for nine seconds, so that they are put off for minutes."""
    line = FakeLine()
    source = Settable(shares=line)
    field = FakeField({"pump": source, "dead": FakeSource(silent=True, gives_up=9.0, shares=line)}, interval=2.0)

    async def waited():
        begun = asyncio.get_running_loop().time()
        await field.field.write("pump", "pressure", 4.0)
        return asyncio.get_running_loop().time() - begun

    async def story():
        async with field.running():
            await asyncio.sleep(100.3)
            waits = []
            for _ in range(20):
                waits.append(await waited())
                await asyncio.sleep(7.0)
            return waits

    waits = simulate(story())
    assert sum(wait < 0.1 for wait in waits) >= 18


def test_writes_without_an_end_do_not_keep_the_line_from_being_polled():
    source = Settable(takes=0.1)

    async def write(field):
        while True:
            await field.write("pump", "pressure", 4.0)

    async def story():
        field = FakeField({"pump": source})
        async with field.running():
            writers = [asyncio.create_task(write(field.field)) for _ in range(4)]
            await asyncio.sleep(60.0)
            for each in writers:
                each.cancel()
            await asyncio.gather(*writers, return_exceptions=True)
        return field

    field = simulate(story())
    assert len(field.answered("pump")) >= 59
    assert len([what for what, _ in source.log if what.startswith("write")]) >= 400


def test_who_gave_up_takes_no_place_among_those_who_wait():
    source = Settable(takes=9.0)

    async def gives_up(field):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await field.write("pump", "pressure", 1.0)

    async def write(field):
        for _ in range(3 * MOST):
            await gives_up(field)
        await field.write("pump", "pressure", 2.0)

    during(source, write, interval=9.5)
    assert [what for what, _ in source.log if what.startswith("write")] == ["write pressure 2"]


class Patient(Settable):
    poll_limit = 300.0


def test_a_write_that_may_take_long_is_not_called_stuck():
    """What a turn may take is said by each source of a line, and a neighbour may be quicker."""
    line = FakeLine()
    patient, quick = Patient(shares=line), FakeSource(shares=line)

    async def story():
        field = FakeField({"patient": patient, "quick": quick}, interval=1.0)
        async with field.running():
            await asyncio.sleep(2.0)
            patient.takes = 200.0
            writing = asyncio.ensure_future(field.field.write("patient", "pressure", 4.0))
            await asyncio.sleep(190.0)
            patient.takes = 0.0
            progressing = field.field.progressing()
            await writing
            return progressing

    assert simulate(story())

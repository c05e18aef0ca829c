"""Plugins that hang, do not let themselves be broken off, or hold up everything."""

import asyncio
import contextlib
import gc

import pytest
from fake_field import FakeField, FakeLine, FakeSource
from structlog.testing import capture_logs

from gatewayd import clock
from gatewayd.plugin import Sample, SourceError
from gatewayd.sources.lines.turns import STOP_LIMIT
from gatewayd.testing import hold, simulate


def events(logs, name):
    return [each for each in logs if each["event"] == name]


def stubborn(seconds=1e6):
    """A poll that goes on whatever is asked of it."""

    async def answer(poll):
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(left)
        return Sample("pressure", 1.0)

    return answer


def test_a_plugin_that_does_not_let_itself_be_broken_off_is_named_once_and_once_when_it_goes_on():
    line = FakeLine()
    sources = {"stuck": FakeSource(answer=stubborn(300.0), shares=line), "waits": FakeSource(shares=line)}
    sources["other"] = FakeSource()
    field = FakeField(sources)

    async def story():
        async with field.running():
            await asyncio.sleep(250)
            assert "stuck in a call" in field.status("stuck").last_error
            assert "waits for stuck" in field.status("waits").last_error
            assert field.status("waits").state == "failing"
            assert field.status("other").state == "ok"
            await asyncio.sleep(60)

    with capture_logs() as logs:
        simulate(story())
    (begun,) = events(logs, "line_stuck")
    assert (begun["line"], begun["source"], begun["plugin"]) == ("bus", "stuck", "fake")
    assert len(events(logs, "line_freed")) == 1
    assert len(field.answered("other")) >= 309


def test_a_plugin_that_swallows_one_cancellation_only_is_broken_off_all_the_same():
    async def answer(poll):
        try:
            await asyncio.sleep(1e6)
        except asyncio.CancelledError:
            await asyncio.sleep(1e6)

    source = FakeSource(answer=answer)
    field = simulate(FakeField({"pump": source}).run(100.0))
    assert len(source.times()) >= 5
    assert field.status("pump").last_error == "broken off after 10 s"


@pytest.mark.parametrize("when", [0.5, 12.0, 60.0])
def test_stopping_takes_bounded_time_even_when_a_plugin_does_not_stop(when):
    sources = {"stuck": FakeSource(answer=stubborn()), "good": FakeSource()}
    field = FakeField(sources)

    async def stopped():
        time = asyncio.get_running_loop().time
        async with field.running():
            await asyncio.sleep(when)
            begun = time()
        return time() - begun

    with capture_logs() as logs:
        assert simulate(stopped()) <= STOP_LIMIT + 0.001
    (abandoned,) = events(logs, "line_abandoned")
    assert (abandoned["source"], abandoned["plugin"]) == ("stuck", "fake")
    assert sources["good"].calls()[-1] == "close"


def test_that_a_line_was_abandoned_is_told_once(library_log):
    """And not by the event loop, too, when the task is thrown away at the end."""
    with capture_logs() as logs:
        simulate(FakeField({"pump": FakeSource(answer=stubborn())}).run(1.0))
        gc.collect()
    assert [each["event"] for each in logs] == ["line_abandoned"]
    assert library_log == []


async def some_passes():
    """Of the event loop; no time passes."""
    for _ in range(3):
        await asyncio.sleep(0)


class Unhurried(FakeSource):
    """Everything takes some passes of the event loop; every other poll fails."""

    async def open(self):
        self.note("open")
        await some_passes()

    async def poll(self, poll):
        hold(0.3)  # so that the next turn is due when this one is over
        await some_passes()
        if len(self.log) % 2:
            raise SourceError("no answer")
        return Sample("pressure", 1.0)

    async def close(self):
        await some_passes()
        self.note("close")


class UnhurriedLine(FakeLine):
    async def open(self):
        await super().open()
        await some_passes()

    async def recover(self):
        await some_passes()
        await super().recover()
        if len(self.log) % 3 == 0:
            raise SourceError("cannot be recovered")

    async def close(self):
        await some_passes()
        await super().close()


def test_a_stop_at_any_moment_leaves_nothing_open():
    """After each pass of the event loop in which something may be in hand."""

    async def stopped(passes, line, source, field):
        async with field.running():
            for _ in range(passes):
                await asyncio.sleep(0)
        fed = len(field.fed)
        await some_passes()
        return len(field.fed) - fed

    seen = set()
    for passes in range(90):
        line = UnhurriedLine()
        source = Unhurried(shares=line)
        assert simulate(stopped(passes, line, source, FakeField({"pump": source}, interval=0.2))) == 0
        assert source.calls().count("open") == source.calls().count("close")
        assert line.log.count("open") == line.log.count("close")
        seen |= set(line.log) | set(source.calls())
    assert seen == {"open", "close", "recover"}


def test_nothing_is_fed_after_the_stop():
    """A plugin that was abandoned comes to its end later."""
    field = FakeField({"pump": FakeSource(answer=stubborn(20.0))})

    async def story():
        async with field.running():
            await asyncio.sleep(1)
        fed = len(field.fed)
        await asyncio.sleep(100)
        return len(field.fed) - fed

    with capture_logs():
        assert simulate(story()) == 0


@pytest.mark.parametrize("end", ["returns", "raises"])
def test_what_a_poll_makes_of_the_stop_is_not_fed(end):
    async def answer(poll):
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            if end == "raises":
                raise SourceError("interrupted") from None
        return Sample("pressure", 1.0)

    source = FakeSource(answer=answer)
    field = simulate(FakeField({"pump": source}).run(2.0))
    assert field.fed == []
    assert source.calls() == ["open", "poll", "close"]


def test_a_plugin_that_cancels_the_task_that_calls_it_stops_nothing():
    source = FakeSource()

    def answer(poll):
        asyncio.current_task().cancel()
        return Sample("pressure", 1.0)

    source.answer = answer
    field = simulate(FakeField({"pump": source, "other": FakeSource()}).run(10.5))
    assert len(source.times()) == 11
    assert len(field.answered("other")) == 11


def test_a_plugin_that_blocks_is_named_and_kept_to_a_share_of_everybodys_time():
    def answer(poll):
        hold(3.0)
        return Sample("pressure", 1.0)

    with capture_logs() as logs:
        field = simulate(FakeField({"blocks": FakeSource(answer=answer), "good": FakeSource()}).run(1200.0))
    (failed,) = events(logs, "source_failed")
    assert failed["source"] == "blocks"
    assert "held up its whole process for 3.0 s" in failed["reason"]
    assert len(field.answered("good")) >= 0.9 * 1200
    assert not events(logs, "line_stuck")


def test_a_plugin_that_blocks_for_long_does_not_make_others_look_stuck_or_silent():
    blocks = FakeSource()

    def answer(poll):
        if len(blocks.times()) == 10:
            hold(120.0)
        return Sample("pressure", 1.0)

    blocks.answer = answer
    with capture_logs() as logs:
        field = simulate(FakeField({"blocks": blocks, "good": FakeSource(takes=0.5)}).run(300.0))
    assert field.status("good").failed == 0
    assert [each["source"] for each in logs if each["log_level"] != "info"] == ["blocks"]


def test_lines_are_progressing_until_all_of_them_are_stuck():
    field = FakeField({"stuck": FakeSource(answer=stubborn()), "dead": FakeSource(silent=True)})
    alone = FakeField({"stuck": FakeSource(answer=stubborn())})

    async def story(field, seconds):
        async with field.running():
            await asyncio.sleep(seconds)
            return field.field.progressing()

    with capture_logs():
        assert simulate(story(field, 1000.0))
        assert simulate(story(alone, 12.0))
        assert not simulate(story(alone, 1000.0))


def test_a_machine_that_has_slept_has_no_line_that_is_stuck(monkeypatch):
    """What it slept is time by the clock since its boot, and none by the timers of the event loop."""
    field = FakeField({"pump": FakeSource(), "hourly": FakeSource(grouped=((3600.0, ("pressure",)),))})

    async def story():
        async with field.running():
            await asyncio.sleep(60)
            awake = clock.now
            with monkeypatch.context() as later:  # undone within the simulation, whose clock it is
                later.setattr(clock, "now", lambda: awake() + 7_200_000_000_000)
                progressing = field.field.progressing()
                await asyncio.sleep(60)
                return progressing, [each.state for each in field.field.status()]

    with capture_logs() as logs:
        assert simulate(story()) == (True, ["ok", "ok"])
    assert logs == []

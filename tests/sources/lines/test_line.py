import asyncio

import pytest
from fake_field import FakeField, FakeLine, FakeSource
from structlog.testing import capture_logs

from gatewayd.plugin import Sample, SourceError
from gatewayd.testing import simulate


def failing_at(source, *numbers):
    """The source's polls of these numbers (from 1) fail."""

    def answer(poll):
        source.shares.log.append("poll")
        if len(source.times()) in numbers:
            raise SourceError("no answer")
        return Sample("pressure", 1.0)

    return answer


def on_line(line, *failing):
    source = FakeSource(shares=line)
    source.answer = failing_at(source, *failing)
    return source


def test_a_line_is_opened_before_the_first_poll_and_closed_once_at_the_end_after_its_sources():
    line = FakeLine()
    source = FakeSource(shares=line)
    simulate(FakeField({"pump": source}).run(2.5))
    assert line.log == ["open", "close"]
    assert source.calls() == ["open", "poll", "poll", "poll", "close"]


def test_after_a_failed_turn_the_line_is_put_right_before_anyone_elses():
    line = FakeLine()
    sources = {"one": on_line(line, 2), "other": on_line(line)}
    simulate(FakeField(sources).run(2.5))
    assert line.log == ["open", "poll", "poll", "poll", "recover", "poll", "poll", "poll", "close"]
    assert sources["one"].calls() == ["open", "poll", "poll", "close", "open", "poll", "close"]
    assert sources["other"].calls() == ["open", "poll", "poll", "poll", "close"]


def test_a_line_that_cannot_be_put_right_is_closed_with_all_sources_and_opened_anew():
    line = FakeLine()
    line.hopeless = True
    sources = {"one": on_line(line, 1), "other": on_line(line)}
    simulate(FakeField(sources).run(0.5))
    assert line.log == ["open", "poll", "recover", "close", "open", "poll", "close"]


def test_after_a_poll_that_had_to_be_broken_off_the_line_is_closed():
    line = FakeLine()
    source = type("Brief", (FakeSource,), {"poll_limit": 2.0})(shares=line, takes=1e6)
    field = simulate(FakeField({"pump": source}).run(3.5))
    assert line.log == ["open", "close", "open", "close"]
    assert field.polled("pump")[0].reasons == {"pressure": "broken off after 2 s"}


def test_a_line_that_is_away_fails_all_polls_on_it_and_is_tried_again_from_time_to_time():
    line = FakeLine()
    line.away = True
    field = FakeField({"one": on_line(line), "other": on_line(line)})

    async def story():
        async with field.running():
            await asyncio.sleep(100)
            assert field.status("one").state == "failing"
            assert len(line.log) < 30
            line.away = False
            await asyncio.sleep(12)
            assert field.status("other").state == "ok"

    with capture_logs() as logs:
        simulate(story())
    assert {polled.reasons["pressure"] for polled in field.polled("one") if polled.failed} == {"line bus: no such port"}
    assert len(field.polled("one")) == pytest.approx(112, abs=2)
    begun, ended = logs
    assert (begun["event"], begun["line"], begun["sources"]) == ("line_failed", "bus", ["one", "other"])
    assert (begun["reason"], begun["log_level"]) == ("no such port", "warning")
    assert (ended["event"], ended["log_level"]) == ("line_recovered", "info")
    assert 100 <= ended["failing_for"] <= 112


def test_a_line_that_is_away_costs_no_other_line_anything():
    line = FakeLine()
    line.away = True
    field = simulate(FakeField({"good": FakeSource(), "cut off": on_line(line)}).run(60.5))
    assert len(field.answered("good")) == 61


def test_a_half_open_line_is_closed():
    class Slow(FakeLine):
        async def open(self):
            await super().open()
            await asyncio.sleep(8)

    line = Slow()
    simulate(FakeField({"pump": FakeSource(shares=line)}).run(3.0))
    assert line.log == ["open", "close"]


def test_what_fails_while_closing_at_the_end_is_told_and_does_not_keep_the_rest_open():
    class Broken(FakeSource):
        async def close(self):
            await super().close()
            raise OSError("already gone")

    line = FakeLine()
    with capture_logs() as logs:
        simulate(FakeField({"one": Broken(shares=line), "other": Broken(shares=line)}).run(0.5))
    assert line.log == ["open", "close"]
    assert [each["event"] for each in logs] == ["cleanup_failed"] * 2
    assert logs[0]["reason"] == "OSError: already gone"


def test_closing_everything_takes_bounded_time():
    class Slow(FakeSource):
        async def close(self):
            await asyncio.sleep(1e6)

    async def stopped():
        async with FakeField({f"pump{n}": Slow(shares=line) for n in range(20)}).running():
            await asyncio.sleep(1)
            begun = asyncio.get_running_loop().time()
        return asyncio.get_running_loop().time() - begun

    line = FakeLine()
    with capture_logs():
        assert simulate(stopped()) <= 5.0
    assert line.log == ["open", "close"]

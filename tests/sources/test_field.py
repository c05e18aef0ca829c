import asyncio
import contextlib
import itertools
import sys

import numpy as np
import pytest
from fake_field import FakeField, FakeLine, FakeSource
from structlog.testing import capture_logs

from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.model import Burst, Polled, Quality
from gatewayd.plugin import Block, Line, Sample, SourceError, Waveform
from gatewayd.sources import Field
from gatewayd.testing import hold, simulate

GOOD = 61
"""Polls of a good source in a minute, every second, the first one at once; the first line has no head start."""


# --- the way through ----------------------------------------------------------------------------------------------


def test_what_a_source_reads_is_fed_stamped_with_the_end_of_its_poll():
    field = simulate(FakeField({"pump": FakeSource(names=("pressure", "flow"), takes=0.25)}).run(0.5))
    (polled,) = field.fed
    assert (polled.group, polled.time, polled.missed, polled.failed) == (0, 1_000_250_000_000, 0, False)
    assert polled.values.tolist() == [0.0, 1.0]
    assert polled.qualities.tolist() == [Quality.GOOD, Quality.GOOD]


@pytest.mark.parametrize("bursts_apart", [True, False])
def test_a_waveform_becomes_a_burst_of_its_channel(bursts_apart):
    def answer(poll):
        return [Block(("loudness",), [0.5]), Waveform("sound", np.arange(100.0), 1000.0)]

    ear = FakeSource(names=("loudness", "sound"), waveforms=("sound",), answer=answer)
    field = FakeField({"pump": FakeSource(), "ear": ear}, bursts_apart=bursts_apart)
    simulate(field.run(0.3))
    (polled,) = field.answered("ear")
    (burst,) = [item for item in field.fed if isinstance(item, Burst)]
    assert polled.values[0] == 0.5
    assert len(polled.values) == (1 if bursts_apart else 2)
    assert field.plan.channels[burst.channel].name == "ear.sound"
    assert (burst.rate, len(burst.values)) == (1000.0, 100)
    assert burst.time == polled.time - 99_000_000


def test_a_poll_that_gives_values_of_several_times_is_counted_once():
    def answer(poll):
        now = round(asyncio.get_running_loop().time() * 1e9)
        return [Sample("pressure", 1.0, time=now - n * 50_000_000) for n in range(10)]

    field = simulate(FakeField({"pump": FakeSource(answer=answer)}).run(4.5))
    assert field.status("pump").polls == 5
    assert len(field.polled("pump")) == 50
    assert sum(not polled.continued for polled in field.polled("pump")) == 5


def test_a_source_of_nothing_but_waveforms_has_outcomes_too():
    ear = FakeSource(names=("sound",), waveforms=("sound",), answer=lambda poll: Waveform("sound", [1.0, 2.0], 10.0))
    field = simulate(FakeField({"ear": ear}).run(2.5))
    assert [type(item) for item in field.fed] == [Polled, Burst] * 3
    assert all(len(item.values) == 0 for item in field.fed if isinstance(item, Polled))


def test_what_feed_raises_ends_the_run_and_everything_is_closed():
    line = FakeLine()
    sources = {"pump": FakeSource(shares=line), "other": FakeSource()}

    def feed(item):
        raise RuntimeError("the disk is on fire")

    async def story():
        with pytest.raises(ExceptionGroup) as group:
            await FakeField(sources, feed=feed).field.run()
        return [str(each) for each in group.value.exceptions]

    assert "the disk is on fire" in simulate(story())
    assert line.log == ["open", "close"]
    assert all(source.calls()[-1] == "close" for source in sources.values())


def test_a_field_without_sources_runs_and_makes_progress():
    async def story():
        field = Field([], Plan((), ()), lambda item: None)
        task = asyncio.create_task(field.run())
        await asyncio.sleep(100)
        assert (field.status(), field.progressing()) == ([], True)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    simulate(story())


# --- who shares what ----------------------------------------------------------------------------------------------


def test_hundreds_of_lines_are_not_all_polled_at_the_same_instant():
    """All at once at the start, so that there are values; from then on twenty at a time."""
    sources = {f"pump{number}": FakeSource() for number in range(200)}
    field = simulate(FakeField(sources).run(5.5))
    starts = {source.times()[0] for source in sources.values()}
    assert max(starts) - min(starts) < 0.01
    phases = sorted(source.times()[-1] % 1.0 for source in sources.values())
    assert max(after - before for before, after in itertools.pairwise([*phases, phases[0] + 1.0])) <= 2.7 / 10
    assert not any(field.status(name).missed for name in sources)
    assert all(len(source.times()) in (6, 7) for source in sources.values())


def test_sources_of_one_line_keep_their_phase_together():
    """They take turns anyway; so one line by itself is polled as if there were no others."""
    line = FakeLine()
    one, other = FakeSource(shares=line), FakeSource(shares=line)
    apart = {f"apart{number}": FakeSource() for number in range(20)}
    simulate(FakeField({**apart, "one": one, "other": other}).run(5.5))
    assert [round(time % 1.0, 3) for time in one.times()[1:]] == [round(time % 1.0, 3) for time in other.times()[1:]]
    assert apart["apart0"].times()[-1] % 1.0 != pytest.approx(one.times()[-1] % 1.0, abs=0.1)


class Sharer(FakeSource):
    used = None

    def use(self, line):
        self.used = line


def test_a_source_that_is_only_replayed_is_named():
    rig = ConfiguredSource("rig", "recording", FakeSource(), (), ())
    with capture_logs() as logs:
        Field([rig], Plan((), ()), lambda item: None)
    assert [(log["event"], log["source"]) for log in logs] == [("source_not_polled", "rig")]


def test_sources_that_name_one_line_are_handed_the_same_one():
    one, other, alone = Sharer(shares=FakeLine("a")), Sharer(shares=FakeLine("a")), Sharer(shares=FakeLine("b"))
    FakeField({"one": one, "other": other, "alone": alone})
    assert one.used is other.used is one.shares
    assert alone.used is alone.shares


def test_messages_call_a_line_by_its_name():
    line = FakeLine("/dev/ttyUSB0", name="/dev/serial/by-id/usb-moxa")
    line.away = True
    with capture_logs() as logs:
        field = simulate(FakeField({"pump": FakeSource(shares=line)}).run(1.5))
    (failed,) = logs
    assert failed["line"] == "/dev/serial/by-id/usb-moxa"
    assert field.status("pump").last_error == "line /dev/serial/by-id/usb-moxa: no such port"


# --- whatever a plugin does, it stays alone -----------------------------------------------------------------------


class Bare(BaseException):
    """Not even an Exception."""


class UnspeakableError(Exception):
    def __str__(self):  # noqa: PLE0307 - that is the point
        sys.exit("not even its text")


def raising(error):
    def answer(poll):
        raise error

    return answer


async def hangs(poll):
    await asyncio.sleep(1e6)


async def swallows(poll):
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(1e6)
    return Sample("pressure", 1.0)


async def deaf(poll):
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(1e6)


async def waits_for_nothing(poll):
    await asyncio.Event().wait()


def blocks(poll):
    hold(1.5)
    return Sample("pressure", 1.0)


def cancels_all(poll):
    asyncio.current_task().cancel()
    raise SourceError("after this, nothing")


async def endless(poll):
    def samples():
        while True:
            yield Sample("pressure", "nonsense")

    return samples()


MISBEHAVIOUR = {
    "raises a SourceError": (raising(SourceError("no answer")), "no answer"),
    "raises an Exception": (raising(KeyError("level")), "KeyError: 'level'"),
    "exits": (raising(SystemExit(1)), "SystemExit: 1"),
    "raises CancelledError": (raising(asyncio.CancelledError()), "the plugin cancelled its own call"),
    "raises what is no Exception": (raising(Bare("bare")), "Bare: bare"),
    "raises a group": (raising(BaseExceptionGroup("many", [Bare()])), "BaseExceptionGroup: many"),
    "raises StopIteration": (raising(StopIteration()), "RuntimeError"),
    "raises what cannot be told": (raising(UnspeakableError()), "UnspeakableError"),
    "raises what is very long": (raising(ValueError("x" * 10**6)), "ValueError: xxx"),
    "hangs": (hangs, "broken off after 10 s"),
    "waits for what never happens": (waits_for_nothing, "broken off after 10 s"),
    "swallows its cancellation": (swallows, "broken off after 10 s"),
    "never lets go": (deaf, "stuck in a call"),
    "blocks": (blocks, "held up its whole process"),
    "cancels the task that calls it": (cancels_all, "after this, nothing"),
    "gives nothing": (lambda poll: None, "expected a Sample"),
    "gives a text": (lambda poll: "4.2", "expected a Sample"),
    "gives another channel": (lambda poll: Sample("depth", 1.0), "'depth'"),
    "gives a text as a value": (lambda poll: Sample("pressure", "4.2"), "expected a number"),
    "gives a hollow block": (lambda poll: Block(None, None), "a tuple of channels' names"),
    "gives an array of the wrong size": (lambda poll: Block(poll.channels, np.zeros(7)), "expected 1 numbers"),
    "gives a waveform that it did not declare": (lambda poll: Waveform("pressure", [1.0], 10.0), "waveforms"),
    "gives an endless number of nonsense": (endless, "expected a number"),
}


@pytest.mark.parametrize(("answer", "reason"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_whatever_a_plugin_does_it_is_named_and_stays_alone(answer, reason):
    sources = {"good": FakeSource(), "bad": FakeSource(answer=answer)}
    with capture_logs() as logs:
        field = simulate(FakeField(sources).run(60.5))
    status = field.status("bad")
    assert reason in status.last_error
    assert status.state in ("failing", "quarantined")
    assert [each["source"] for each in logs if each["event"] in ("source_failed", "line_stuck")] == ["bad"]
    assert not any(polled.failed for polled in field.polled("good"))
    assert len(field.answered("good")) + sum(each.missed for each in field.answered("good")) == pytest.approx(
        GOOD, abs=1
    )
    assert len(field.answered("good")) >= 0.9 * GOOD
    assert field.answered("bad") == []


@pytest.mark.parametrize("where", ["use", "poll_limit"])
@pytest.mark.parametrize("error", [KeyError("port"), SystemExit(2), Bare("panic")], ids=repr)
def test_a_plugin_that_fails_before_its_first_poll_is_named_and_stays_alone(where, error):
    def fail(*_):
        raise error

    bad = type("Bad", (FakeSource,), {where: property(fail) if where == "poll_limit" else fail})
    sources = {"good": FakeSource(), "bad": bad(shares=FakeLine())}
    with capture_logs() as logs:
        field = simulate(FakeField(sources).run(60.5))
    (failed,) = logs
    assert failed["sources"] == ["bad"]
    assert f"plugin 'fake' fails: {type(error).__name__}" in failed["reason"]
    assert len(field.answered("good")) == GOOD
    assert len(field.polled("bad")) == GOOD


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), float("inf"), 1e9, 10**400, "soon", None])
def test_a_limit_that_is_none_is_named(limit):
    bad = type("Bad", (FakeSource,), {"poll_limit": limit})()
    field = simulate(FakeField({"good": FakeSource(), "bad": bad}).run(1.5))
    assert "plugin 'fake' fails" in field.status("bad").last_error
    assert len(field.answered("good")) == 2


@pytest.mark.parametrize("what", ["open", "close", "recover"])
@pytest.mark.parametrize("answer", [hangs, deaf, raising(Bare("bare"))], ids=["hangs", "deaf", "raises"])
def test_a_line_that_misbehaves_stays_alone(what, answer):
    async def misbehave(self):
        await answer(None)

    line = type("Bad", (Line,), {what: misbehave})("bus")
    sources = {"good": FakeSource(), "bad": FakeSource(shares=line, answer=raising(SourceError("no answer")))}
    with capture_logs() as logs:
        field = simulate(FakeField(sources).run(60.5))
    assert field.status("bad").state != "ok"
    assert any("bad" in (each.get("source"), *each.get("sources", ())) for each in logs)
    assert len(field.answered("good")) == GOOD

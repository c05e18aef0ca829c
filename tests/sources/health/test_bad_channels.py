import asyncio

import numpy as np
import pytest
from fake_field import FakeField, FakeSource
from structlog.testing import capture_logs

from gatewayd.model import Burst, Polled, Waveform
from gatewayd.plugin import Block, Quality, Sample, SourceError
from gatewayd.sources.health.bad_channels import LISTED
from gatewayd.sources.reading.intake import Intake
from gatewayd.testing import START, simulate

REFUSED = "exception 2: illegal data address"
NAMES = ("pressure", "nothere")


def bad_between(*spans):
    """A device that refuses one channel in these seconds of the run."""

    def answer(poll):
        seconds = asyncio.get_running_loop().time() - START
        if any(begin <= seconds < end for begin, end in spans):
            return Block(NAMES, [1.0, np.nan], [Quality.GOOD, Quality.BAD], {"nothere": REFUSED})
        return Block(NAMES, [1.0, 2.0])

    return FakeSource(names=NAMES, answer=answer)


def told(seconds, source):
    with capture_logs() as logs:
        field = simulate(FakeField({"pump1": source}).run(seconds))
    return field.status("pump1"), logs


def test_a_channel_that_a_device_refuses_is_in_the_status_with_the_reason():
    status, _ = told(10.5, bad_between((0, 99)))
    assert (status.state, status.bad, status.bad_count) == ("ok", {"nothere": REFUSED}, 1)


def test_bad_channels_are_logged_once_when_they_begin_and_once_when_all_are_good_again():
    status, logs = told(100.5, bad_between((0, 50)))
    assert logs == [
        {
            "event": "channels_bad",
            "log_level": "warning",
            "source": "pump1",
            "channels": ["nothere"],
            "reason": REFUSED,
        },
        {"event": "channels_good", "log_level": "info", "source": "pump1"},
    ]
    assert status.bad == {}


def test_a_channel_that_is_bad_every_other_time_is_one_trouble():
    spans = [(second, second + 1) for second in range(0, 50, 2)]
    _, logs = told(100.5, bad_between(*spans))
    assert [each["event"] for each in logs] == ["channels_bad", "channels_good"]


def test_a_device_that_answers_nothing_in_between_is_still_the_same_trouble():
    source = bad_between((0, 99))
    usual = source.answer

    def answer(poll):
        if len(source.times()) == 5:
            raise SourceError("no answer within 1 s")
        return usual(poll)

    source.answer = answer
    _, logs = told(20.5, source)
    assert [each["event"] for each in logs] == ["channels_bad", "source_failed", "source_recovered"]


def test_what_has_no_new_value_stays_as_it_was():
    def answer(poll):
        if asyncio.get_running_loop().time() - START < 1:
            return [Sample("pressure", 1.0), Sample("nothere", np.nan, Quality.BAD, REFUSED)]
        return Sample("pressure", 1.0)

    status, logs = told(60.5, FakeSource(names=NAMES, answer=answer))
    assert status.bad == {"nothere": REFUSED}
    assert [each["event"] for each in logs] == ["channels_bad"]


def test_only_so_many_bad_channels_are_listed_and_all_are_counted():
    names = tuple(f"c{n}" for n in range(LISTED + 5))
    bad = Block(names, [np.nan] * len(names), [Quality.BAD] * len(names), dict.fromkeys(names, REFUSED))
    status, (logged,) = told(5.5, FakeSource(names=names, answer=lambda _: bad))
    assert list(status.bad) == logged["channels"] == list(names[:LISTED])
    assert status.bad_count == len(names)


INTAKE = Intake("fake", 0, ("a", "b", "wave"), {"wave": 7})


@pytest.mark.parametrize(
    ("values", "qualities", "verdicts"),
    [
        ([1.0, 2.0, 0.0], [0, 1, 255], {"a": "", "b": ""}),
        ([1.0, np.nan, 0.0], [0, 2, 255], {"a": "", "b": "broken wire"}),
        ([np.inf, 1.0, 0.0], [0, 2, 255], {"a": "not a finite number", "b": "broken wire"}),
        ([np.nan, np.nan, 0.0], [2, 255, 255], {"a": "no reason was given"}),
    ],
)
def test_each_channel_with_a_value_has_a_verdict(values, qualities, verdicts):
    polled = Polled(0, 1, np.array(values), np.array(qualities, np.uint8), {"b": "broken wire"})
    assert dict(INTAKE.verdicts(polled)) == verdicts
    assert not INTAKE.all_good(polled)


@pytest.mark.parametrize("values", [[1.0, 2.0], [1e308, -1e308], [1e308, 1e308], [0.0, -0.0]])
def test_what_is_all_good_is_seen_to_be(values):
    intake = Intake("fake", 0, ("a", "b"), {})
    (polled,) = intake.take(Block(("a", "b"), values), 1, 0)
    assert intake.all_good(polled) or set(intake.verdicts(polled)) == {("a", ""), ("b", "")}


@pytest.mark.parametrize("values", [[1.0, np.nan], [np.inf, 1.0], [np.inf, -np.inf]])
def test_a_number_that_is_none_is_not_good(values):
    intake = Intake("fake", 0, ("a", "b"), {})
    (polled,) = intake.take(Block(("a", "b"), values), 1, 0)
    assert not intake.all_good(polled)


def test_a_burst_has_a_verdict_too():
    (_, burst) = INTAKE.take(Waveform("wave", [1.0], 10.0, Quality.BAD, "saturated"), 1, 0)
    assert isinstance(burst, Burst)
    assert list(INTAKE.verdicts(burst)) == [("wave", "saturated")]
    assert not INTAKE.all_good(burst)

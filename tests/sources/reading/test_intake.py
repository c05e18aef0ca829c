import array
import itertools
from fractions import Fraction

import msgspec
import numpy as np
import pytest

from gatewayd.foreign import LONGEST
from gatewayd.model import Block, Quality, Sample, Waveform
from gatewayd.sources.reading.inspection import YieldError
from gatewayd.sources.reading.intake import Intake

NOW = 5_000_000_000
SECOND = 1_000_000_000


@pytest.fixture
def intake():
    return Intake("tank", 7, ("level", "flow", "heat"), {})


@pytest.fixture
def mixed():
    return Intake("ear", 3, ("loudness",), {"sound": 12})


def only(inputs):
    (polled,) = inputs
    return polled


# --- blocks -------------------------------------------------------------------------------------------------------


def test_a_whole_block_becomes_one_outcome_stamped_with_the_end_of_the_poll(intake):
    polled = only(intake.take(Block(("level", "flow", "heat"), np.array([1.0, 2.0, 3.0])), NOW, 4))
    assert (polled.group, polled.time, polled.missed, polled.failed) == (7, NOW, 4, False)
    assert polled.values.tolist() == [1.0, 2.0, 3.0]
    assert polled.qualities.tolist() == [Quality.GOOD] * 3
    assert (polled.values.dtype, polled.qualities.dtype) == (np.float64, np.uint8)
    assert not polled.reasons


@pytest.mark.parametrize(
    "values",
    [
        [1, 2.0, True],
        (1.0, 2.0, 1.0),
        np.array([1, 2, 1], dtype=np.int16),
        np.array([1, 2, 1], dtype=np.float32),
        np.array([1, 2, 1], dtype=object),
        array.array("d", [1.0, 2.0, 1.0]),
        [np.float32(1), np.int64(2), np.bool_(True)],
        [Fraction(1), 2, 1],
    ],
    ids=str,
)
def test_numbers_of_any_kind_are_taken(intake, values):
    polled = only(intake.take(Block(("level", "flow", "heat"), values), NOW, 0))
    assert polled.values.tolist() == [1.0, 2.0, 1.0]
    assert polled.values.dtype == np.float64


def test_a_plugin_may_use_its_arrays_again(intake):
    values, qualities = np.array([1.0, 2.0, 3.0]), np.zeros(3, dtype=np.uint8)
    polled = only(intake.take(Block(("level", "flow", "heat"), values, qualities), NOW, 0))
    values[:], qualities[:] = 9.0, Quality.BAD
    assert polled.values.tolist() == [1.0, 2.0, 3.0]
    assert polled.qualities.tolist() == [0, 0, 0]


def test_a_signalling_nan_is_no_more_than_a_nan(intake):
    nan = np.array([0x7FA00000, 0, 0], dtype=np.uint32).view(np.float32)
    assert np.isnan(only(intake.take(Block(("level", "flow", "heat"), nan), NOW, 0)).values[0])


def test_not_a_number_is_a_number_for_the_engine_to_judge(intake):
    polled = only(intake.take(Block(("level", "flow", "heat"), [np.nan, np.inf, 1.0]), NOW, 0))
    assert np.isnan(polled.values[0])
    assert polled.values[1] == np.inf


@pytest.mark.parametrize(
    "qualities",
    [
        [0, 2, 255],
        (Quality.GOOD, Quality.BAD, Quality.ABSENT),
        np.array([0, 2, 255], dtype=np.uint8),
        np.array([0, 2, 255], dtype=np.int64),
    ],
    ids=str,
)
def test_qualities_and_reasons_travel_with_the_values(intake, qualities):
    block = Block(("level", "flow", "heat"), [1.0, 2.0, 3.0], qualities, {"flow": "illegal address"})
    polled = only(intake.take(block, NOW, 0))
    assert polled.qualities.tolist() == [0, 2, 255]
    assert polled.qualities.dtype == np.uint8
    assert polled.reasons == {"flow": "illegal address"}


def test_channels_that_a_block_leaves_out_are_absent(intake):
    polled = only(intake.take(Block(("heat", "level"), [3.0, 1.0]), NOW, 2))
    assert polled.qualities.tolist() == [Quality.GOOD, Quality.ABSENT, Quality.GOOD]
    assert polled.values[[0, 2]].tolist() == [1.0, 3.0]
    assert np.isnan(polled.values[1])
    assert polled.missed == 2


def test_a_time_that_the_plugin_knows_is_kept(intake):
    polled = only(intake.take(Block(("level", "flow", "heat"), [1.0, 2.0, 3.0], time=NOW - 5), NOW, 0))
    assert polled.time == NOW - 5


# --- samples, and several together --------------------------------------------------------------------------------


def test_a_sample_is_a_block_of_one(intake):
    polled = only(intake.take(Sample("flow", 2.5, Quality.UNCERTAIN, "warming up"), NOW, 0))
    assert polled.qualities.tolist() == [Quality.ABSENT, Quality.UNCERTAIN, Quality.ABSENT]
    assert polled.values[1] == 2.5
    assert polled.reasons == {"flow": "warming up"}


def test_what_has_the_same_time_becomes_one_outcome_and_the_later_value_wins(intake):
    given = [Sample("level", 1.0, Quality.BAD, "frozen"), Block(("flow",), [2.0]), Sample("level", 1.5)]
    polled = only(intake.take(given, NOW, 0))
    assert polled.values[:2].tolist() == [1.5, 2.0]
    assert polled.qualities.tolist() == [Quality.GOOD, Quality.GOOD, Quality.ABSENT]
    assert polled.reasons == {}


def test_values_of_different_times_come_in_order_and_missed_polls_are_counted_once(intake):
    given = [Sample("level", 3.0), Sample("level", 1.0, time=NOW - 20), Block(("level",), [2.0], time=NOW - 10)]
    first, second, third = intake.take(given, NOW, 6)
    assert [polled.time for polled in (first, second, third)] == [NOW - 20, NOW - 10, NOW]
    assert [polled.values[0] for polled in (first, second, third)] == [1.0, 2.0, 3.0]
    assert [polled.missed for polled in (first, second, third)] == [6, 0, 0]
    assert [polled.continued for polled in (first, second, third)] == [False, True, True]


def test_a_generator_of_samples_is_as_good_as_a_list(intake):
    polled = only(intake.take((Sample(name, 1.0) for name in ("level", "heat")), NOW, 0))
    assert polled.qualities.tolist() == [Quality.GOOD, Quality.ABSENT, Quality.GOOD]


def test_a_poll_with_nothing_new_is_an_outcome_all_the_same(intake):
    polled = only(intake.take([], NOW, 3))
    assert polled.qualities.tolist() == [Quality.ABSENT] * 3
    assert (polled.missed, polled.failed) == (3, False)


@pytest.mark.parametrize("reason", ["half \udcff", np.str_("of NumPy's"), "long " * 100, "two\nlines"], ids=ascii)
def test_a_reason_is_made_such_that_it_can_be_sent(mixed, reason):
    polled, burst = mixed.take(
        [Sample("loudness", 1.0, Quality.BAD, reason), Waveform("sound", [1.0], 10.0, Quality.BAD, reason)], NOW, 0
    )
    whole = only(mixed.take(Block(("loudness",), [1.0], [2], {"loudness": reason}), NOW, 0))
    assert burst.reason == polled.reasons["loudness"] == whole.reasons["loudness"]
    assert len(burst.reason) <= LONGEST
    assert msgspec.json.decode(msgspec.json.encode(burst.reason)) == burst.reason
    assert "\n" not in burst.reason


# --- failures and nonsense ----------------------------------------------------------------------------------------


def test_a_failed_poll_says_of_every_channel_why_it_has_no_value(intake):
    polled = intake.failed("no answer within 1 s", NOW, 9)
    assert (polled.failed, polled.missed, polled.time) == (True, 9, NOW)
    assert np.isnan(polled.values).all()
    assert polled.qualities.tolist() == [Quality.BAD] * 3
    assert polled.reasons == dict.fromkeys(("level", "flow", "heat"), "no answer within 1 s")


ALL = ("level", "flow", "heat")
NONSENSE = {
    "nothing": (None, ["poll", "a Sample, a Block or a Waveform", "None"]),
    "a text": ("4.2", ["poll", "'4.2'"]),
    "a number": (4.2, ["poll", "4.2"]),
    "numbers": ([1.0], ["poll", "a Sample", "1.0"]),
    "an unknown channel": (Sample("depth", 1.0), ["'depth'", "level, flow, heat"]),
    "a channel that is no name": (Sample(["level"], 1.0), ["['level']", "level, flow, heat"]),
    "a text as a value": (Sample("level", "4.2"), ["'level'", "a number", "'4.2'"]),
    "no value": (Sample("level", None), ["'level'", "a number", "None"]),
    "a complex value": (Sample("level", 1j), ["'level'", "a number", "1j"]),
    "a value beyond all floats": (Sample("level", 10**400), ["'level'", "a number"]),
    "an unknown quality": (Sample("level", 1.0, 7), ["'level'", "Quality", "7"]),
    "a text as a quality": (Sample("level", 1.0, "good"), ["'level'", "Quality", "'good'"]),
    "a reason that is no text": (Sample("level", 1.0, Quality.BAD, 5), ["'level'", "reason", "5"]),
    "a float as a time": (Sample("level", 1.0, time=4.0), ["time", "CLOCK_BOOTTIME", "4.0"]),
    "a time of the wall clock": (Sample("level", 1.0, time=1_790_000_000 * SECOND), ["time", "CLOCK_BOOTTIME"]),
    "a time before the boot": (Block(ALL, [1.0, 2.0, 3.0], time=-1), ["time", "-1"]),
    "too few values": (Block(ALL, [1.0, 2.0]), ["3 numbers", "[1.0, 2.0]"]),
    "too many values": (Block(ALL, np.zeros(4)), ["3 numbers"]),
    "values in a table": (Block(ALL, np.zeros((3, 1))), ["'level'", "a number"]),
    "values in one text": (Block(ALL, "123"), ["a sequence of numbers", "'123'"]),
    "no values": (Block(ALL, None), ["a sequence of numbers", "None"]),
    "a text among the values": (Block(ALL, [1.0, "2", 3.0]), ["'flow'", "a number", "'2'"]),
    "none among the values": (Block(ALL, [1.0, 2.0, None]), ["'heat'", "a number", "None"]),
    "texts in an array": (Block(ALL, np.array(["1", "2", "3"])), ["'level'", "a number", "'1'"]),
    "complex numbers in an array": (Block(ALL, np.zeros(3, dtype=complex)), ["'level'", "a number"]),
    "an unknown channel in a block": (Block(("level", "depth"), [1.0, 2.0]), ["'depth'"]),
    "one text as the channels": (Block("level", [1.0]), ["a tuple of channels' names", "'level'"]),
    "too few qualities": (Block(ALL, [1.0, 2.0, 3.0], [0]), ["qualities", "3 of them"]),
    "a count as the qualities": (Block(ALL, [1.0, 2.0, 3.0], 0), ["qualities", "3 of them"]),
    "an unknown quality in an array": (Block(ALL, [1.0, 2.0, 3.0], np.full(3, 7, np.uint8)), ["'level'", "Quality"]),
    "qualities in a table": (Block(ALL, [1.0, 2.0, 3.0], np.zeros((3, 3), np.uint8)), ["'level'", "Quality"]),
    "qualities in a ragged table": (Block(ALL, [1.0, 2.0, 3.0], [0, [1, 2], 2]), ["'flow'", "Quality"]),
    "a reason for an unknown channel": (Block(ALL, [1.0, 2.0, 3.0], None, {"depth": "deep"}), ["reason", "'depth'"]),
    "a text as the reasons": (Block(ALL, [1.0, 2.0, 3.0], None, "deep"), ["reasons", "'deep'"]),
    "a waveform of a channel of numbers": (Waveform("level", [1.0], 10.0), ["'level'", "waveforms", "there are none"]),
}


@pytest.mark.parametrize(("given", "says"), NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_by_name(intake, given, says):
    with pytest.raises(YieldError) as refusal:
        intake.take(given, NOW, 0)
    for word in ["plugin 'tank'", "expected", *says]:
        assert word in str(refusal.value)


def test_what_never_ends_is_refused(intake, monkeypatch):
    monkeypatch.setattr("gatewayd.sources.reading.inspection.MOST_ITEMS", 1000)
    with pytest.raises(YieldError, match="at most 1000 items"):
        intake.take(itertools.repeat(Sample("level", 1.0, time=NOW)), NOW, 0)


def test_a_waveform_that_is_absent_is_none(mixed):
    given = [Waveform("sound", [1.0], 10.0, Quality.ABSENT), Waveform("sound", [2.0], 10.0)]
    _, burst = mixed.take(given, NOW, 0)
    assert burst.values.tolist() == [2.0]

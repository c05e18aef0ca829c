import array

import numpy as np
import pytest

from gatewayd.model import Block, Burst, Polled, Quality, Sample, Waveform
from gatewayd.sources.reading.inspection import YieldError
from gatewayd.sources.reading.intake import Intake

NOW = 5_000_000_000
SECOND = 1_000_000_000


@pytest.fixture
def mixed():
    return Intake("ear", 3, ("loudness",), {"sound": 12})


def test_a_waveform_becomes_a_burst_beside_the_outcome_of_the_poll(mixed):
    given = [Waveform("sound", np.array([1, 2, 3], dtype=np.int16), 1000, time=4_000_000_000), Sample("loudness", 0.5)]
    polled, burst = mixed.take(given, NOW, 1)
    assert isinstance(polled, Polled)
    assert polled.missed == 1
    assert isinstance(burst, Burst)
    assert (burst.channel, burst.time, burst.rate) == (12, 4_000_000_000, 1000.0)
    assert burst.values.tolist() == [1.0, 2.0, 3.0]
    assert burst.values.dtype == np.float64
    assert burst.quality is Quality.GOOD


def test_a_waveform_without_a_time_ended_with_the_poll(mixed):
    _, burst = mixed.take(Waveform("sound", [0.0] * 1001, 1000.0, Quality.UNCERTAIN, "clipped"), NOW, 0)
    assert burst.time == NOW - SECOND
    assert (burst.quality, burst.reason) == (Quality.UNCERTAIN, "clipped")


@pytest.mark.parametrize(
    "values",
    [
        np.array([-32768, 0, 32767], dtype=np.int16),
        np.array([-32768, 0, 32767], dtype=">i2"),
        np.array([-32768, 0, 32767], dtype=np.int64),
        np.array([-32768, 0, 32767], dtype=object),
        [-32768, 0, 32767],
        [-32768.0, 0, np.int16(32767)],
        array.array("h", [-32768, 0, 32767]),
        array.array("f", [-32768, 0, 32767]),
    ],
    ids=repr,
)
def test_waveforms_of_any_type_but_float32_become_float64(mixed, values):
    _, burst = mixed.take(Waveform("sound", values, 1000.0), NOW, 0)
    assert burst.values.tolist() == [-32768.0, 0.0, 32767.0]
    assert burst.values.dtype == np.float64


@pytest.mark.parametrize("dtype", ["<f4", ">f4"])
def test_a_waveform_of_float32_stays_one_of_its_own(mixed, dtype):
    values = np.array([0.1, 9.0, 0.3, 9.0, np.nan], dtype=dtype)
    _, burst = mixed.take(Waveform("sound", values[::2], 1000.0), NOW, 0)
    values[:] = 7
    assert burst.values.dtype == np.float32
    assert burst.values.dtype.isnative
    assert burst.values.flags.c_contiguous
    np.testing.assert_array_equal(burst.values, np.array([0.1, 0.3, np.nan], dtype=np.float32))


@pytest.mark.parametrize(("gap", "clipped"), [(True, False), (False, np.True_), (np.True_, True), (False, np.False_)])
def test_gaps_and_clipping_travel_with_a_waveform(mixed, gap, clipped):
    _, burst = mixed.take(Waveform("sound", [0.0], 1000.0, gap=gap, clipped=clipped), NOW, 0)
    assert burst.gap is bool(gap)
    assert burst.clipped is bool(clipped)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16])
@pytest.mark.parametrize(
    ("values", "clipped"),
    [
        ([-159, 0, 159], False),
        ([0, 160, 0], True),
        ([0, 0, -160], True),
        ([200, 0, 0], True),
        ([0, -30000, 0], True),
    ],
)
def test_a_value_at_an_end_of_the_range_or_beyond_says_that_a_waveform_is_clipped(values, clipped, dtype):
    intake = Intake("ear", 3, (), {"sound": 12, "other": 13}, {"sound": (-160.0, 160.0)})
    given = [Waveform(name, np.array(values, dtype=dtype), 1000.0) for name in ("sound", "other")]
    _, sound, other = intake.take(given, NOW, 0)
    assert sound.clipped is clipped
    assert other.clipped is False


def test_the_largest_number_of_a_converter_is_at_the_end_of_the_range_as_float32_too():
    for bits in range(1, 32768, 64):
        scale = 0.0048 * bits / 32768
        intake = Intake("ear", 3, (), {"sound": 12}, {"sound": (-32768 * scale, 32767 * scale)})
        values = (np.array([0, 32767]) * scale).astype(np.float32)
        assert intake.take(Waveform("sound", values, 1000.0), NOW, 0)[1].clipped


def test_clipping_is_seen_next_to_what_is_no_number():
    intake = Intake("ear", 3, (), {"sound": 12}, {"sound": (-1.0, 1.0)})
    for values in ([np.nan, 1.0], [np.inf, 0.0], np.array([0x7FA00000, 0x3F800000], np.uint32).view(np.float32)):
        assert intake.take(Waveform("sound", values, 1000.0), NOW, 0)[1].clipped


def test_a_range_may_have_no_end_that_float32_can_hold():
    intake = Intake("ear", 3, (), {"sound": 12}, {"sound": (-1e300, np.inf)})
    assert not intake.take(Waveform("sound", np.array([3e38], np.float32), 1000.0), NOW, 0)[1].clipped


def test_a_group_may_name_its_waveforms_too_and_they_have_no_value_there():
    intake = Intake("ear", 3, ("loudness", "sound"), {"sound": 12})
    polled, burst = intake.take([Block(("loudness",), [0.5]), Waveform("sound", [1.0], 10.0)], NOW, 0)
    assert polled.qualities.tolist() == [Quality.GOOD, Quality.ABSENT]
    assert burst.channel == 12
    assert intake.failed("no answer", NOW, 0).qualities.tolist() == [Quality.BAD, Quality.BAD]


WAVEFORM_NONSENSE = {
    "a number for a channel of waveforms": (Sample("sound", 1.0), ["'sound'", "loudness"]),
    "no values": (Waveform("sound", [], 10.0), ["'sound'", "at least one number"]),
    "a text among the values": (Waveform("sound", [1.0, "2"], 10.0), ["'sound'", "a number", "'2'"]),
    "no rate": (Waveform("sound", [1.0], 0.0), ["'sound'", "a rate in Hz", "0.0"]),
    "an infinite rate": (Waveform("sound", [1.0], float("inf")), ["'sound'", "a rate in Hz"]),
    "a text as the rate": (Waveform("sound", [1.0], "10 Hz"), ["'sound'", "'10 Hz'"]),
    "a time to come": (Waveform("sound", [1.0], 10.0, time=NOW + 1), ["time"]),
    "a table of float32": (Waveform("sound", np.zeros((2, 2), np.float32), 10.0), ["'sound'", "a number"]),
    "no float32": (Waveform("sound", np.zeros(0, np.float32), 10.0), ["'sound'", "at least one number"]),
    "a number beyond all floats": (Waveform("sound", [0.5, 10**400], 10.0), ["'sound'", "a number"]),
    "a number as gap": (Waveform("sound", [1.0], 10.0, gap=1), ["'sound', gap", "True or False", "1"]),
    "no answer as clipped": (Waveform("sound", [1.0], 10.0, clipped=None), ["'sound', clipped", "None"]),
}


@pytest.mark.parametrize(("given", "says"), WAVEFORM_NONSENSE.values(), ids=WAVEFORM_NONSENSE)
def test_nonsense_of_waveforms_is_refused_by_name(mixed, given, says):
    with pytest.raises(YieldError) as refusal:
        mixed.take(given, NOW, 0)
    for word in ["plugin 'ear'", "expected", *says]:
        assert word in str(refusal.value)

"""The guard of sensors: what it finds in values and between them, what it leaves alone, and what it takes."""

import math

import numpy as np
import pytest
from guarded import ABSENT, ALONE, BAD, GOOD, SECOND, UNCERTAIN, Watch, noise

from gatewayd.records import SensorFault
from gatewayd_ext import guarding
from gatewayd_ext.guarding import NOTHING, Checks


def test_the_numbers_of_faults_are_those_of_the_records():
    for name in ("OUT_OF_RANGE", "CLIPPED", "STUCK", "FLAT", "JUMPS", "DROPOUTS"):
        assert getattr(guarding, name) == SensorFault[name]


def test_a_good_sensor_is_left_alone(kernels):
    qualities, faults = Watch(kernels, Checks()).polls(noise(1000))
    assert set(qualities) == {GOOD}
    assert set(faults) == {0}


# --- range --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "quality", "fault"),
    [
        (3.9, BAD, guarding.OUT_OF_RANGE),
        (4.0, BAD, guarding.CLIPPED),
        (4.1, GOOD, 0),
        (20.0, BAD, guarding.CLIPPED),
        (20.1, BAD, guarding.OUT_OF_RANGE),
    ],
)
def test_a_value_must_be_within_its_range(kernels, value, quality, fault):
    assert Watch(kernels, ALONE._replace(low=4.0, high=20.0)).poll(value) == ([quality], [fault])


def test_nothing_may_flow(kernels):
    watch = Watch(kernels, ALONE._replace(low=0.0, high=200.0))
    assert watch.poll(0.0) == ([GOOD], [0])
    assert watch.poll(-0.1) == ([BAD], [guarding.OUT_OF_RANGE])


# --- jumps --------------------------------------------------------------------------------------------------------


def test_a_spike_is_bad_in_the_very_poll_in_which_it_comes(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200))
    assert watch.polls([9.0, 3.0, 3.01]) == ([BAD, GOOD, GOOD], [0, 0, 0])


def test_three_spikes_soon_after_each_other_are_a_fault_until_ten_minutes_without(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200))
    for n in range(3):
        watch.poll(9.0)
        _, faults = watch.poll(3.0)
        assert faults == [guarding.JUMPS if n == 2 else 0]
        watch.polls(noise(20, seed=n))
    _, faults = watch.polls(noise(600, seed=9))
    assert faults.index(0) == 580


def test_a_step_that_persists_is_believed_at_its_third_value(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200))
    assert watch.polls([5.0, 5.01, 5.0, 5.02]) == ([BAD, BAD, GOOD, GOOD], [0] * 4)
    assert watch.poll(3.0) == ([GOOD], [0])


def test_a_machine_that_starts_in_steps_makes_no_spikes(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200))
    for _ in range(5):
        _, faults = watch.polls([5.0, 9.0, 14.0, 14.1, *noise(30)])
        assert set(faults) == {0}


def test_what_several_channels_do_at_once_is_the_machine(kernels):
    watch = Watch(kernels, Checks(), Checks())
    for pair in zip(noise(200), noise(200, seed=2), strict=True):
        watch.poll(*pair)
    for _ in range(5):
        assert watch.poll(9.0, 9.0) == ([BAD, BAD], [0, 0])
        assert watch.poll(3.0, 3.0) == ([GOOD, GOOD], [0, 0])


def test_a_jump_per_second_that_is_given_holds_from_the_second_value_on(kernels):
    watch = Watch(kernels, ALONE._replace(jump=1.0))
    assert watch.polls([3.0, 3.9, 5.0, 4.0]) == ([GOOD, GOOD, BAD, GOOD], [0] * 4)


def test_after_a_silence_any_value_is_plausible(kernels):
    watch = Watch(kernels, ALONE._replace(jump=1.0))
    watch.poll(3.0)
    assert watch.poll(30.0, after=11 * SECOND) == ([GOOD], [0])


# --- dropouts -----------------------------------------------------------------------------------------------------


def test_values_between_too_many_dropouts_are_uncertain(kernels):
    watch = Watch(kernels, Checks())
    for n in range(200):
        qualities, faults = watch.poll(3.0 + n % 7 / 100, qualities=[BAD if n % 2 else GOOD])
    assert (qualities, faults) == ([BAD], [guarding.DROPOUTS])
    assert watch.poll(3.0) == ([UNCERTAIN], [guarding.DROPOUTS])
    _, faults = watch.polls(noise(400))
    assert faults[-1] == 0


def test_polls_that_were_missed_are_dropouts(kernels):
    watch = Watch(kernels, Checks())
    _, faults = watch.polls(noise(50), missed=3)
    assert faults[-1] == guarding.DROPOUTS


def test_an_absent_value_says_nothing(kernels):
    watch = Watch(kernels, Checks())
    assert {tuple(watch.poll(math.nan, qualities=[ABSENT])[1]) for _ in range(200)} == {(0,)}


# --- what it takes ------------------------------------------------------------------------------------------------


def test_what_is_not_checked_passes_unchanged(kernels):
    watch = Watch(kernels, NOTHING)
    assert watch.poll(1e300) == ([GOOD], [0])
    assert watch.poll(-5.0, qualities=[UNCERTAIN]) == ([UNCERTAIN], [0])


def test_input_is_not_written_to(kernels):
    values, qualities = np.array([30.0]), np.zeros(1, np.uint8)
    values.flags.writeable = qualities.flags.writeable = False
    assert kernels.Guard(SECOND, (Checks(high=20.0),)).push(0, values, qualities, 0) == 1
    assert qualities.tolist() == [GOOD]


@pytest.mark.parametrize(
    ("interval", "checks", "error"),
    [
        (0, (Checks(),), ValueError),
        (2**55, (), ValueError),
        (SECOND, [Checks()], TypeError),
        (SECOND, (None,), TypeError),
        (SECOND, (Checks(low=math.nan),), ValueError),
        (SECOND, (Checks(rest=-2),), ValueError),
    ],
)
def test_a_guard_of_nonsense_is_refused(kernels, interval, checks, error):
    with pytest.raises(error):
        kernels.Guard(interval, checks)


@pytest.mark.parametrize(
    ("poll", "error"),
    [
        ((2**62, np.zeros(1), np.zeros(1, np.uint8), 0), ValueError),
        ((0, np.zeros(2), np.zeros(1, np.uint8), 0), ValueError),
        ((0, np.zeros(1), np.zeros(1, np.int8), 0), TypeError),
        ((0, np.zeros(1), np.zeros(1, np.uint8), -1), ValueError),
        ((0, np.zeros(1), np.zeros(1, np.uint8), 2**31), ValueError),
    ],
)
def test_a_poll_that_does_not_fit_is_refused(kernels, poll, error):
    with pytest.raises(error):
        kernels.Guard(SECOND, (Checks(),)).push(*poll)


def test_a_saved_guard_goes_on_where_it_was(kernels):
    watch, other = Watch(kernels, Checks()), Watch(kernels, Checks())
    watch.polls(noise(200) + [3.001] * 30)
    other.guard.restore(watch.guard.state())
    other.time = watch.time
    assert other.polls([3.001] * 40) == watch.polls([3.001] * 40)
    assert other.guard.state() == watch.guard.state()


def test_a_damaged_or_foreign_state_is_refused(kernels):
    one = kernels.Guard(SECOND, (Checks(),))
    data = one.state()
    for wrong in (data[:-1], data[:20] + b"\xff" + data[21:], kernels.Guard(SECOND, (Checks(high=1.0),)).state()):
        with pytest.raises(ValueError, match="the saved"):
            one.restore(wrong)

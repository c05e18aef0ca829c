"""The guard of sensors: what it finds, what it leaves alone, and that both kinds of it agree to the bit."""

import dataclasses
import math

import numpy as np
import pytest
from histories import histories
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.records import SensorFault
from gatewayd_ext import guard, guarding, reference_guard, reference_memory
from gatewayd_ext.guarding import NOTHING, Checks

GOOD, UNCERTAIN, BAD, ABSENT = 0, 1, 2, 255
SECOND = 10**9
ALONE = Checks(rest=0, jump=math.inf, missing=math.inf)
"""Nothing is checked but what a test adds."""


class Watch:
    """A guard of some channels, polled once a second."""

    def __init__(self, kernels, *checks, interval=SECOND):
        self.guard = kernels.Guard(interval, checks)
        self.n = len(checks)
        self.time = 0
        self.interval = interval

    def poll(self, *values, qualities=None, missed=0, after=None):
        """The qualities and faults of one poll."""
        self.time += self.interval if after is None else after
        given = np.zeros(self.n, np.uint8) if qualities is None else np.array(qualities, np.uint8)
        self.guard.push(self.time, np.array(values, dtype=np.float64), given, missed)
        lowered, faults = np.empty(self.n, np.uint8), np.empty(self.n)
        self.guard.read(lowered, faults)
        return lowered.tolist(), [int(fault) for fault in faults]

    def polls(self, values, **more):
        """The same of many polls of the first channel: lists of qualities and of faults."""
        told = [self.poll(value, **more) for value in values]
        return [qualities[0] for qualities, _ in told], [faults[0] for _, faults in told]


def noise(n, seed=1, size=0.01):
    return (3.0 + np.random.default_rng(seed).normal(0.0, size, n)).tolist()


def test_the_numbers_of_faults_are_those_of_the_records():
    for name in ("OUT_OF_RANGE", "CLIPPED", "STUCK", "FLAT", "JUMPS", "DROPOUTS"):
        assert getattr(guarding, name) == SensorFault[name]


def test_what_is_saved_is_what_the_twin_remembers():
    kinds = {field.name: field.type for field in dataclasses.fields(reference_memory.Remembered)}
    assert tuple(kinds) == guarding.FIELDS
    assert {name for name, kind in kinds.items() if kind == "float"} == set(guarding.REALS)


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


# --- rest ---------------------------------------------------------------------------------------------------------


def test_a_channel_that_used_to_move_is_stuck_after_a_minute(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200))
    qualities, faults = watch.polls([3.001] * 70)
    assert faults.index(guarding.STUCK) == 60
    assert qualities == [GOOD] * 60 + [BAD] * 10
    fact = watch.guard.fact(0)
    assert (fact.since, fact.value, fact.same) == (201 * SECOND, 3.001, True)


def test_a_stuck_channel_that_moves_again_is_believed_again(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200) + [3.001] * 70)
    assert watch.poll(3.02) == ([GOOD], [0])


def test_a_channel_that_repeats_a_few_values_is_stuck(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(200))
    _, faults = watch.polls([3.001, 3.004, 2.999] * 30)
    assert faults[-1] == guarding.STUCK
    assert not watch.guard.fact(0).same


@pytest.mark.parametrize(
    "values",
    [
        [1.0],
        [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0],
        [3.0, 3.33, 3.0, 2.67, 3.0, 3.0],
        [round(40 + n / 30, 1) for n in range(300)],
    ],
    ids=["constant", "a switch", "coarse steps", "a slow temperature"],
)
def test_what_never_moved_much_may_rest(kernels, values):
    watch = Watch(kernels, Checks())
    _, before = watch.polls(values * (600 // len(values)))
    _, faults = watch.polls([values[-1]] * 1000)
    assert set(before) | set(faults) == {0}


def test_a_machine_that_stops_may_rest_elsewhere(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(300))
    qualities, faults = watch.polls([2.0, 1.0, 0.4, 0.1, *[0.0] * 500])
    assert set(faults) == {0}
    assert set(qualities[5:]) == {GOOD}


def test_a_machine_that_stops_again_and_again_may_rest_each_time(kernels):
    watch = Watch(kernels, Checks(), Checks())
    told = set()
    for cycle in range(6):
        for value in [0.0, *[0.02] * 299, 1.0, 2.0, *noise(300, seed=cycle), 2.0, 1.0]:
            told.update(watch.poll(value, value * 40)[1])
    assert told == {0}
    for value in [1.0, 2.0, *noise(100)]:
        watch.poll(value, value * 40)
    assert [watch.poll(3.001, value)[1][0] for value in noise(70)][-1] == guarding.STUCK


def hours_of(n=20_000):
    """What sensors that are well say for hours, one value a second."""
    rng, seconds = np.random.default_rng(0), np.arange(n)
    runs = np.cumsum(rng.random(n) < 1 / 900) % 2
    speeds = rng.choice([30.0, 40.0, 50.0], n // 1200 + 1).repeat(1200)[:n] / 50.0
    day = 25.0 + 8.0 * np.sin(2 * np.pi * seconds / 86400)
    return {
        "a pump that runs now and then": np.where(runs, 3.0 + rng.normal(0, 0.01, n), 0.5),
        "a soft start": np.convolve(np.where(runs, 120.0, 0.0), np.ones(20) / 20, "same") * rng.normal(1, 0.004, n),
        "speeds": 3.0 * speeds**2 * rng.normal(1, 0.003, n),
        "a day's warmth": day,
        "a day's warmth in tenths": np.round(day + rng.normal(0, 0.05, n), 1),
        "a tank": seconds % 900 / 450 + rng.normal(0, 0.002, n),
        "warming up": np.round(60 - 40 * np.exp(-seconds / 1800), 2),
        "heavy tails": 3 + 0.01 * rng.standard_t(3, n),
        "setpoints": rng.choice([1.0, 2.0, 3.0, 5.0, 8.0], n // 3000 + 1).repeat(3000)[:n],
        "a counter": np.cumsum(rng.random(n) < 0.001).astype(float),
    }


@pytest.mark.parametrize("story", hours_of(1))
def test_what_sensors_say_that_are_well_is_no_fault(story):
    watch, lowered = guard.Guard(SECOND, (Checks(),)), 0
    for n, value in enumerate(hours_of()[story]):
        lowered += watch.push(n * SECOND, np.array([value]), np.zeros(1, np.uint8), 0)
        assert watch.fact(0).fault == 0
    assert lowered <= 60


def test_a_rest_that_is_given_is_judged_wherever_it_is(kernels):
    watch = Watch(kernels, Checks(rest=5 * SECOND))
    _, faults = watch.polls([7.0] * 7)
    assert faults == [0, 0, 0, 0, 0, guarding.STUCK, guarding.STUCK]


def test_a_line_that_has_lost_its_noise_is_flat(kernels):
    watch = Watch(kernels, Checks())
    watch.polls(noise(300))
    quiet = (3.0 + np.random.default_rng(5).normal(0.0, 0.0001, 80)).tolist()
    qualities, faults = watch.polls(quiet)
    assert faults[-1] == guarding.FLAT
    assert qualities[-1] == BAD


def test_a_smooth_drift_is_not_flat(kernels):
    watch = Watch(kernels, Checks())
    _, faults = watch.polls([60.0 - 20.0 * math.exp(-n / 300) for n in range(3000)])
    assert set(faults) == {0}


def test_while_the_machine_rests_so_may_the_sensor(kernels):
    watch = Watch(kernels, Checks(rest=5 * SECOND))
    watch.guard.rest(0, True)
    assert set(watch.polls([7.0] * 20)[1]) == {0}
    watch.guard.rest(0, False)
    assert watch.polls([7.0] * 6)[1] == [0, 0, 0, 0, 0, guarding.STUCK]


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


LIVELY = st.floats(-3.0, 3.0) | st.sampled_from([0.0, 1.0, 1.0, 1.0])


@given(data=st.data(), rest=st.sampled_from([-1, 0, SECOND]), jump=st.sampled_from([0.0, 2.0, math.inf]))
def test_guards_of_both_kinds_agree_to_the_bit(data, rest, jump):
    checks = (Checks(rest=rest, jump=jump), Checks(-5.0, 5.0, missing=0.05), NOTHING)
    long = [data.draw(LIVELY) for _ in range(4)]
    polls = [(n * SECOND, np.array([long[n % 4] + n % 3, math.sin(n), n]), np.zeros(3, np.uint8)) for n in range(150)]
    assert_twins_agree(checks, [*polls, *data.draw(histories(3))], [data.draw(st.booleans()) for _ in range(10)])


def test_guards_of_both_kinds_agree_on_long_stories():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        story = []
        for n in range(1500):
            values = np.array([rng.normal(), math.sin(n / 50), float(rng.integers(3)), 3.0 + 0.01 * rng.normal()])
            values[0] *= 1e-3 if 700 < n < 900 else 1.0
            values[3] = 3.0 if 400 < n < 600 else values[3] + 50.0 * (rng.random() < 0.01)
            qualities = rng.choice([0, 0, 0, 0, 0, 1, 2 if n < 300 else 0, 255], size=4).astype(np.uint8)
            story.append((n * SECOND + int(rng.integers(10**8)), values, qualities))
        found = assert_twins_agree((Checks(), Checks(), Checks(rest=5 * SECOND), Checks(0.0, 50.0)), story, [False])
        assert found >= {0, 1, guarding.STUCK, guarding.FLAT, guarding.DROPOUTS}


def assert_twins_agree(checks, polls, resting):
    """Both say and remember the same; the faults that were found."""
    both = [kind.Guard(SECOND, checks) for kind in (guard, reference_guard)]
    n, found = len(checks), set()
    for place, (time, values, qualities) in enumerate(polls):
        told = []
        for one in both:
            one.rest(0, resting[place % len(resting)])
            count = one.push(time, values, qualities, place % 3)
            lowered, faults = np.empty(n, np.uint8), np.empty(n)
            one.read(lowered, faults)
            told.append((count, lowered.tobytes(), faults.tobytes()))
            found.update(faults.tolist())
        assert told[0] == told[1]
    assert both[0].state() == both[1].state()
    assert repr([both[0].fact(n) for n in range(n)]) == repr([both[1].fact(n) for n in range(n)])
    return found

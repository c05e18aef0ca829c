"""The guard of sensors at rest: one that is stuck or has lost its noise is found, one that may rest is left alone."""

import math

import numpy as np
import pytest
from guarded import BAD, GOOD, SECOND, Watch, noise

from gatewayd_ext import guard, guarding
from gatewayd_ext.guarding import Checks


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

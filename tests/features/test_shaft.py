"""The shaft's speed from a vibration: exact for tones, there without a fundamental, nothing in noise."""

import math
from pathlib import Path

import numpy as np
import pytest
from bearing_sounds import machine
from effort import campaign

from gatewayd.features.shaft import estimate

CWRU = Path(__file__).parents[3] / "shared" / "data" / "cwru"
RATE = 12_000
SECONDS = np.arange(RATE) / RATE


def harmonics(speed, *amplitudes):
    return sum(each * np.cos(2 * np.pi * k * speed * SECONDS + k) for k, each in enumerate(amplitudes, 1))


@pytest.mark.parametrize("speed", [20.4, 24.7, 29.33, 34.6])
@pytest.mark.parametrize(
    "amplitudes", [(1,), (1, 0.5, 0.2), (0.01, 1, 0.3), (0.1, 3, 0.1), (0, 1, 0.5, 0.7), (1,) * 12]
)
def test_a_comb_is_found_exactly_whichever_harmonic_is_strongest(speed, amplitudes):
    assert estimate(harmonics(speed, *amplitudes), RATE, 20, 35) == pytest.approx(speed, rel=1e-4)


@pytest.mark.parametrize("speed", [20.4, 24.7, 29.33, 34.6])
def test_a_comb_in_noise_is_found_within_a_thousandth(speed):
    noise = np.random.default_rng(1).standard_normal(RATE)
    assert estimate(harmonics(speed, 0.3, 0.2, 0.2, 0.1) + noise, RATE, 20, 35) == pytest.approx(speed, rel=1e-3)


def test_a_wide_range_does_not_lead_to_twice_or_half_the_speed():
    noise = 0.1 * np.random.default_rng(2).standard_normal(RATE)
    assert estimate(harmonics(24.7, 1, 0.5, 0.3, 0.2, 0.2, 0.2) + noise, RATE, 10, 60) == pytest.approx(24.7, rel=1e-3)


@pytest.mark.parametrize(("low", "high"), [(10, 60), *campaign((20, 30))])
def test_noise_has_no_speed(low, high):
    random = np.random.default_rng(3)
    found = [estimate(random.standard_normal(RATE), RATE, low, high) for _ in range(200)]
    assert all(map(math.isnan, found))


def test_a_line_below_the_range_is_not_taken():
    noise = np.random.default_rng(4).standard_normal(RATE)
    assert math.isnan(estimate(harmonics(17.3, 1) + noise, RATE, 20, 30))


def test_simulated_machines_turn_as_fast_as_estimated():
    random = np.random.default_rng(5)
    right = 0
    for _ in range(100):
        speed = random.uniform(15, 50)
        right += estimate(machine(random, RATE, 1, speed), RATE, 0.8 * speed, 1.25 * speed) == pytest.approx(
            speed, rel=5e-3
        )
    assert right >= 95


@pytest.mark.parametrize(
    ("values", "rate", "low", "high"),
    [
        (np.ones(RATE), RATE, 20, 30),
        (np.full(RATE, np.nan), RATE, 20, 30),
        (np.append(harmonics(25, 1), np.inf), RATE, 20, 30),
        (harmonics(25, 1)[:4_000], RATE, 20, 30),
        (harmonics(25, 1)[:0], RATE, 20, 30),
        (harmonics(25, 1), 50, 20, 30),
        (harmonics(25, 1), RATE, 30, 20),
        (harmonics(25, 1), RATE, 0, 30),
        (harmonics(25, 1), math.nan, 20, 30),
    ],
)
def test_where_nothing_can_be_found_there_is_no_speed(values, rate, low, high):
    assert math.isnan(estimate(values, rate, low, high))


@pytest.mark.skipif(not CWRU.is_dir(), reason="the recordings are not on this machine")
def test_the_recorded_motors_turn_as_fast_as_noted():
    for path in sorted(CWRU.glob("*.npz")):
        with np.load(path) as recording:
            values, rate, noted = recording["DE"], float(recording["rate"]), float(recording["rpm"]) / 60
        assert estimate(values, rate, 25, 35) == pytest.approx(noted, rel=2e-3), path.name
        windows = values[: 5 * int(rate)].reshape(5, -1)
        assert np.median([estimate(window, rate, 25, 35) for window in windows]) == pytest.approx(noted, rel=0.01)

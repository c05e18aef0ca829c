"""Bearing analysis: equal to its plain twin, finds simulated faults, stays silent otherwise, says what it cannot do."""

import math

import numpy as np
import pytest
from bearing_sounds import ORDERS, impacts, machine
from effort import campaign
from plain_bearings import plain_envelope_amplitudes, plain_scores

from gatewayd.features.bearings.analysis import Scores, analyse, envelope_spectrum
from gatewayd.features.bearings.envelope import envelope_amplitudes, usable_length
from gatewayd.features.bearings.fitness import unfit
from gatewayd.features.bearings.geometry import Geometry, Orders
from gatewayd.features.bearings.lines import families
from gatewayd.features.bearings.types import TYPES
from gatewayd.features.bearings.votes import THRESHOLD, Votes, verdict
from gatewayd.records import Fault

FAULTS = (Fault.OUTER_RACE, Fault.INNER_RACE, Fault.BALL)


@pytest.mark.parametrize(
    ("rate", "count", "shaft", "name"),
    [
        (12_000, 12_000, 29.95, "6205"),
        (5_000, 5_003, 24.7, "6310"),
        (25_600, 12_811, 48.3, "6203"),
        (8_192, 16_384, 10.1, "ER-10K"),
    ],
)
def test_the_scores_are_those_of_the_plain_twin(rate, count, shaft, name):
    random = np.random.default_rng(count)
    values = machine(random, rate, count / rate, shaft) + impacts(
        random, rate, count / rate, shaft, fault=Fault.OUTER_RACE
    )
    orders = TYPES[name].orders()
    scores = analyse(values, rate, shaft, orders)
    assert (scores.outer_race, scores.inner_race, scores.ball) == pytest.approx(
        plain_scores(values, rate, shaft, orders), rel=1e-9
    )


def test_the_envelope_is_that_of_the_plain_twin():
    values = np.random.default_rng(3).standard_normal(9_001)
    assert envelope_amplitudes(values) == pytest.approx(plain_envelope_amplitudes(values), rel=1e-9, abs=1e-9)


def test_values_of_single_precision_and_any_scale_score_the_same():
    values = machine(np.random.default_rng(4), 12_000, 1, 29.9).astype(np.float32)
    expected = analyse(values, 12_000, 29.9, ORDERS)
    scaled = analyse(values.astype(np.float64) * 1e-3 + 5, 12_000, 29.9, ORDERS)
    assert scaled.outer_race == pytest.approx(expected.outer_race, rel=1e-6)
    assert scaled.ball == pytest.approx(expected.ball, rel=1e-6)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("rate", "shaft", "seconds"), [(12_000, 29.95, 1), (5_000, 12.5, 2), (50_000, 59, 0.5), (25_600, 24.7, 1)]
)
def test_a_clear_fault_is_found_at_any_speed_and_rate(fault, rate, shaft, seconds):
    random = np.random.default_rng(7)
    votes = Votes()
    for slip in (-0.015, -0.008, 0, 0.004, 0.008):
        noise = machine(random, rate, seconds, shaft)
        values = noise + 1.5 * impacts(random, rate, seconds, shaft, fault=fault, slip=slip, jitter=0.002)
        opinion = votes.push(analyse(values, rate, shaft, ORDERS))
    assert opinion.fault == fault
    assert opinion.votes >= 4


@pytest.mark.parametrize("error", [-0.01, 0.01])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_with_a_speed_that_is_a_percent_off(fault, error):
    random = np.random.default_rng(8)
    values = machine(random, 12_000, 1, 30) + 1.5 * impacts(random, 12_000, 1, 30, fault=fault, jitter=0.002)
    assert verdict(analyse(values, 12_000, 30 * (1 + error), ORDERS)) == fault


def test_healthy_machines_are_hardly_ever_taken_for_faulty_ones():
    random = np.random.default_rng(9)
    found = []
    for _ in range(100):
        shaft, name = random.uniform(12, 55), random.choice(list(TYPES))
        found.append(verdict(analyse(machine(random, 12_000, 1, shaft), 12_000, shaft, TYPES[name].orders())))
    assert len([each for each in found if each != Fault.NONE]) <= 1


def test_lines_of_the_shaft_however_strong_are_no_fault():
    random = np.random.default_rng(10)
    turns = 2 * np.pi * 29.95 * np.arange(12_000) / 12_000
    comb = sum(100 * np.cos(k * turns + random.uniform(0, 6)) for k in range(1, 40))
    scores = analyse(comb + random.standard_normal(12_000), 12_000, 29.95, ORDERS)
    assert max(scores.outer_race, scores.inner_race, scores.ball) < THRESHOLD


@pytest.mark.parametrize("error", [-0.005, 0.005])
@pytest.mark.parametrize("name", ["ER-10K", "6203", *campaign("ZA-2115", "6312", "6314")])
def test_what_knocks_once_a_turn_is_no_fault_even_at_a_speed_that_is_half_a_percent_off(name, error):
    random = np.random.default_rng(11)
    pace = Orders(bpfo=1, bpfi=2, bsf=1, ftf=1 / 3)
    rub = 2 * impacts(random, 12_000, 10, 51.4, orders=pace, fault=Fault.OUTER_RACE, jitter=0.002)
    values = machine(random, 12_000, 10, 51.4) + rub
    votes = Votes()
    for window in values.reshape(5, -1):
        assert votes.push(analyse(window, 12_000, 51.4 * (1 + error), TYPES[name].orders())).fault == Fault.NONE


@pytest.mark.parametrize("turns", [10, *campaign(12, 16)])
def test_noise_is_no_fault_of_a_bearing_with_many_rollers_in_few_turns(turns):
    random = np.random.default_rng(12)
    orders = Geometry(36, 8, 110).orders()
    found = [verdict(analyse(random.standard_normal(12_600), 12_600, turns, orders)) for _ in range(100)]
    assert found.count(Fault.NONE) >= 99


NOISE = np.random.default_rng(1).standard_normal(12_000)


@pytest.mark.parametrize(
    ("values", "rate", "shaft", "why"),
    [
        (NOISE, 0, 30, "the rate is 0 Hz"),
        (NOISE, math.nan, 30, "the rate is nan Hz"),
        (NOISE, 12_000, math.nan, "the shaft's speed is not known"),
        (NOISE, 12_000, 9, "12000 values at 12000 Hz are 9.0 turns of the shaft; it takes 10"),
        (NOISE, 12_000, -9, "12000 values at 12000 Hz are 0.0 turns of the shaft; it takes 10"),
        (NOISE[:0], 12_000, 30, "0 values at 12000 Hz are 0.0 turns of the shaft; it takes 10"),
        (NOISE, 1_000, 30, "the rate is 1000 Hz; the bearing's lines at 30 Hz of the shaft take 1139 Hz"),
        (np.full(12_000, 0.1), 12_000, 30, "all values are the same"),
        (np.where(np.arange(12_000) == 5, np.nan, NOISE), 12_000, 30, "not all values are finite numbers"),
        (np.where(np.arange(12_000) == 5, np.inf, NOISE), 12_000, 30, "not all values are finite numbers"),
    ],
)
def test_what_cannot_be_analysed_has_no_scores_and_a_reason(values, rate, shaft, why):
    assert unfit(values, rate, shaft, ORDERS) == why
    scores = analyse(values, rate, shaft, ORDERS)
    assert all(math.isnan(score) for score in (scores.outer_race, scores.inner_race, scores.ball))


def test_ten_turns_are_enough():
    assert unfit(NOISE, 12_000, 10, ORDERS) == ""
    assert isinstance(analyse(NOISE, 12_000, 10, ORDERS), Scores)


@pytest.mark.parametrize(
    "values", [np.tile([1.0, -1.0], 6_000), np.eye(1, 12_000, 77)[0], np.sin(np.arange(12_000) * np.pi / 6)]
)
def test_odd_signals_give_numbers_and_no_warnings(values):
    scores = analyse(values, 12_000, 30, ORDERS)
    assert all(map(math.isfinite, (scores.outer_race, scores.inner_race, scores.ball)))


@pytest.mark.parametrize(
    ("count", "usable"),
    [(12_000, 12_000), (12_007, 12_000), (11_987, 11_880), (65_537, 65_536), (3, 2), (1, 0), (0, 0)],
)
def test_lengths_with_large_prime_factors_are_cut(count, usable):
    assert usable_length(count) == usable


def test_little_is_cut():
    assert all(usable_length(count) > 0.97 * count for count in range(1_000, 100_000, 997))


def test_the_pictures_spectrum_has_its_lines_where_the_families_say():
    random = np.random.default_rng(12)
    values = random.standard_normal(24_000) + 2 * impacts(random, 12_000, 2, 30, fault=Fault.INNER_RACE, jitter=0)
    frequencies, levels = envelope_spectrum(values, 12_000, 30)
    assert len(frequencies) == len(levels)
    assert (frequencies[0], frequencies[-1]) == (0, 6_000)
    bins = [round(order * 30 / frequencies[1]) for order in families(ORDERS)[Fault.INNER_RACE].places()]
    assert all(levels[near - 1 : near + 2].max() > 10 for near in bins)
    assert np.median(levels[100:2_000]) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("values", [NOISE[:100], np.ones(12_000), np.full(12_000, np.nan)])
def test_there_is_no_picture_of_what_has_no_spectrum(values):
    frequencies, levels = envelope_spectrum(values, 12_000, 30)
    assert len(frequencies) == len(levels) == 0


def test_the_families_have_three_harmonics_and_their_sidebands():
    found = families(Geometry(8, 1, 4).orders())
    assert found[Fault.OUTER_RACE].places() == pytest.approx((3, 6, 9))
    assert found[Fault.INNER_RACE].places() == pytest.approx((4, 5, 6, 9, 10, 11, 14, 15, 16))
    assert found[Fault.BALL].places() == pytest.approx((3.375, 3.75, 4.125, 7.125, 7.5, 7.875, 10.875, 11.25, 11.625))

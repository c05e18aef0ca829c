import math

import numpy as np
import pytest
from effort import campaign
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gatewayd.forecasts.forecast import FEWEST, Forecast, forecast
from gatewayd.forecasts.trend import trend

COUNT = 100
DAYS = np.arange(COUNT) * 0.25


def noise(seed, like_before=0.0, count=COUNT):
    """Noise of variance about 1 in which neighbours resemble each other."""
    drawn = np.random.default_rng(seed).normal(size=count)
    for n in range(1, count):
        drawn[n] += like_before * drawn[n - 1]
    return drawn


def told(series, limit=100.0, seeds=range(30)):
    """What is forecast of many series of one kind."""
    return [forecast(DAYS, series(seed), limit) for seed in seeds]


def said(forecasts):
    return [each for each in forecasts if math.isfinite(each.days)]


@pytest.mark.parametrize("slope", [0.2, -0.2])
@pytest.mark.parametrize("alike", [0.7, *campaign(0.0)])
def test_the_range_covers_the_day_on_which_a_steady_trend_is_at_its_limit(slope, alike):
    limit = slope * (DAYS[-1] + 10)
    forecasts = told(lambda seed: slope * DAYS + noise(seed, alike) * 0.25, limit)
    spoken = said(forecasts)
    assert len(spoken) >= 0.9 * len(forecasts)
    assert np.mean([each.earliest <= 10 <= each.latest for each in spoken]) >= 0.9
    assert np.median([each.days for each in spoken]) == pytest.approx(10, abs=1)
    assert all(each.earliest <= each.days <= each.latest for each in spoken)


@pytest.mark.parametrize(
    "series",
    [
        noise,
        lambda seed: noise(seed, 0.9),
        lambda seed: noise(seed) * 0.3 + 3 * (np.arange(COUNT) > 30 + seed % 40),
        lambda seed: noise(seed) * 0.3 + 3 * (np.arange(COUNT) > 90),
        lambda seed: noise(seed) * 0.3 + 2 * np.sin(np.arange(COUNT) / 4 + seed),
        lambda seed: noise(seed) * 0.2 + 0.2 * DAYS + np.sin(np.arange(COUNT) / 4) * 2,
        lambda seed: noise(seed) * 0.2 + 0.01 * DAYS**2,
    ],
    ids=[
        "noise",
        "slow noise",
        "a step",
        "a late step",
        "a season",
        "a trend below a season",
        "a trend that speeds up",
    ],
)
def test_where_no_steady_trend_dominates_nothing_is_said(series):
    forecasts = told(series, 20.0)
    assert len(said(forecasts)) <= 0.1 * len(forecasts)
    assert all(each.why for each in forecasts if not math.isfinite(each.days))


def test_a_random_walk_seldom_passes_for_a_trend():
    forecasts = told(lambda seed: np.cumsum(noise(seed)), 30.0, range(100))
    assert len(said(forecasts)) <= 0.2 * len(forecasts)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.full(COUNT, 5.0), "no clear trend"),
        (3 * (np.arange(COUNT) > 50) + noise(1) * 0.8, "a step, not a trend"),
        (0.2 * DAYS + np.sin(np.arange(COUNT) * 2 * np.pi / 10) * 0.5, "it goes up and down with a season"),
        (0.01 * DAYS**2, "the trend does not go on: it changed its pace"),
        (-DAYS, "it moves away from the limit"),
        (DAYS / 100, "farther ahead than 74.2 days, 3 times what was seen"),
    ],
)
def test_why_nothing_is_said_is_told(values, why):
    found = forecast(DAYS, np.asarray(values), 20.0)
    assert found.why == why
    assert math.isnan(found.days)
    assert math.isfinite(found.slope)


def test_too_few_points_say_nothing():
    few = forecast(DAYS[: FEWEST - 1], DAYS[: FEWEST - 1], 20.0)
    assert (few.why, few.slope) == (
        f"{FEWEST - 1} of the {FEWEST} points that are needed",
        pytest.approx(math.nan, nan_ok=True),
    )


def test_a_limit_that_was_passed_is_reached():
    assert forecast(DAYS, DAYS + noise(1) * 0.1, 20.0) == Forecast(0.0, 0.0, 0.0, pytest.approx(1.0, abs=0.05))


def test_wild_points_do_not_turn_the_line():
    wild = np.where(np.random.default_rng(1).random(COUNT) < 0.1, 50.0, 0.0)
    assert trend(DAYS, 0.2 * DAYS + noise(2) * 0.1 + wild).slope == pytest.approx(0.2, abs=0.03)


def test_the_slope_is_that_of_scipy():
    from scipy.stats import theilslopes

    values = 0.3 * DAYS + noise(3)
    assert trend(DAYS, values).slope == pytest.approx(theilslopes(values, DAYS).slope)


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e12, 1e12)), st.floats(-1e12, 1e12))
def test_no_points_are_too_much(values, limit):
    found = forecast(np.arange(len(values)) * 0.5, values, limit)
    if math.isfinite(found.days):
        assert 0 <= found.earliest <= found.days + 1e-9 <= found.latest + 1e-6 * found.latest + 1e-6
    else:
        assert found.why

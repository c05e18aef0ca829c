import math
from itertools import pairwise

import numpy as np
import pytest
from gatewayd.plugin import FeatureWindow
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_oximeter.desaturation import events, falls, longest, odi


def window(values):
    """One value a second."""
    return FeatureWindow(np.array(values, dtype=np.float64), np.arange(len(values)) * 1.0, math.nan, "%", math.nan)


def dip(depth, down=10, low=5, up=10):
    """From 97 down and up again, after half a minute at 97."""
    fall = np.linspace(97, 97 - depth, down)
    return [97.0] * 30 + [*fall, *[97.0 - depth] * low, *fall[::-1]]


def test_ten_falls_in_an_hour():
    quiet = [97.0] * (360 - len(dip(4)))
    hour = window((dip(4) + quiet) * 10)
    assert events(hour) == 10
    assert odi(hour) == pytest.approx(10, rel=0.01)
    assert odi(hour, 5.0) == 0


@pytest.mark.parametrize(
    ("course", "count"),
    [
        (dip(3), 1),
        (dip(2.9), 0),
        (dip(4, down=2, low=1, up=2), 0),
        (dip(4, low=90), 0),
        (dip(4)[:-15], 0),
        (dip(5) + dip(5), 2),
        ([97.0] * 100, 0),
        ([], 0),
        ([90.0, 97.0] * 30, 0),
    ],
    ids=["3 %", "less", "too short", "too long", "not over", "two", "none", "nothing", "jumps"],
)
def test_what_counts(course, count):
    assert events(window(course)) == count


def test_how_deep_and_how_long():
    (fall,) = falls(window(dip(6)), 3.0)
    assert fall.depth == pytest.approx(6)
    assert 15 <= fall.ended - fall.begun <= 26
    assert longest(window(dip(6))) == fall.ended - fall.begun
    assert longest(window([97.0])) == 0


def test_of_less_than_a_minute_there_is_no_index():
    assert math.isnan(odi(window([97.0] * 50)))
    assert math.isnan(odi(window([])))


def test_the_time_without_a_sensor_does_not_count():
    quiet = [97.0] * (360 - len(dip(4)))
    half = window((dip(4) + quiet) * 5)
    away = FeatureWindow(half.values, half.seconds + 1800.0 * (half.seconds > 900), math.nan, "%", math.nan)
    assert odi(away) == pytest.approx(odi(half), rel=0.01)


@given(st.lists(st.integers(60, 100), max_size=300))
def test_any_course_has_falls_that_are_as_they_are_defined(values):
    found = list(falls(window(values), 3.0))
    assert all(10 <= fall.ended - fall.begun <= 60 and fall.depth >= 3 for fall in found)
    assert all(first.ended <= second.begun for first, second in pairwise(found))

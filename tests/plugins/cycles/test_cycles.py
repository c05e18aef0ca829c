import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.plugin import FeatureWindow
from gatewayd_plugins.cycles import count, equivalent, largest
from gatewayd_plugins.cycles.rainflow import cycles, turns

STANDARD = [-2, 1, -3, 5, -1, 3, -4, 4, -2]
"""The example of ASTM E1049-85, figure 6, whose cycles are given there."""
ITS_CYCLES = {3: 0.5, 4: 1.5, 6: 0.5, 8: 1.0, 9: 0.5}


def window(values):
    return FeatureWindow(np.array(values, dtype=np.float64), np.arange(len(values)) * 1.0, 1.0, "bar", math.nan)


def counted(values):
    found = {}
    for height, number in zip(*cycles(np.array(values, dtype=np.float64)), strict=True):
        found[height] = found.get(height, 0) + number
    return found


def test_the_example_of_the_standard():
    assert counted(STANDARD) == ITS_CYCLES


def test_values_between_the_turns_change_nothing():
    between = [-2, -1, 1, 1, 0, -3, 0, 5, 5, 5, -1, 3, -2, -4, 4, 4, -2]
    assert turns(np.array(between, dtype=np.float64)).tolist() == STANDARD
    assert counted(between) == ITS_CYCLES


@pytest.mark.parametrize("values", [[], [1], [2, 2, 2]])
def test_what_does_not_move_has_no_cycles(values):
    assert counted(values) == {}
    assert (count(window(values)), largest(window(values)), equivalent(window(values))) == (0, 0, 0)


def test_a_small_cycle_within_a_large_one_is_counted_besides():
    assert counted([0, 6, 5, 10, 0]) == {1: 1.0, 10: 1.0}


def test_cycles_below_the_height_are_left_out():
    assert [count(window(STANDARD), height) for height in (0, 4, 9, 9.1)] == [4.0, 3.5, 0.5, 0.0]
    assert largest(window(STANDARD)) == 9


def test_so_many_equal_cycles_are_equivalent_to_themselves():
    ten = [0, 3] * 10 + [0]
    assert equivalent(window(ten), 10.0, 4.0) == pytest.approx(3.0)
    assert equivalent(window(ten), 1.0, 4.0) == pytest.approx(3.0 * 10**0.25)


@given(st.lists(st.floats(-1e300, 1e300), max_size=60))
def test_any_course_has_cycles_no_higher_than_itself(values):
    heights, counts = cycles(np.array(values))
    assert counts.sum() <= len(values) / 2
    if len(heights):
        assert heights.max() == pytest.approx(max(values) - min(values))
        assert math.isfinite(equivalent(window(values)))

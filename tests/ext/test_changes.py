from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import healthy, reference_changes
from gatewayd_ext.changes import Changes

CHANNELS = 3
ROOM = healthy.RECENT + healthy.BEFORE


def learned(n=CHANNELS, **changed):
    """What might have been learned of three channels, of which the last one does not move."""
    parts = {"centre": np.array([10.0, -5.0, 3.0]), "scale": np.array([2.0, 0.5, 0.0]), "change": np.full(n, 0.3)}
    rest = {"precision": np.eye(n), "course": np.zeros((n, healthy.ORDER)), "noise": np.ones(n)}
    return SimpleNamespace(**(parts | rest | {"level_edge": 1.0, "energy_edge": 1.0} | changed))


def steps(detector, values):
    """The rows at which a change point is told."""
    good = np.zeros(values.shape[1], dtype=np.uint8)
    return [n for n, row in enumerate(values) if detector.step(row, good)]


def noise(count, seed=0):
    parts = learned()
    return np.random.default_rng(seed).normal(size=(count, CHANNELS)) * parts.scale * 0.2 + parts.centre


@given(
    seed=st.integers(0, 99),
    jumps=st.lists(st.tuples(st.integers(0, 399), st.floats(-5, 5)), max_size=5),
    holes=st.lists(st.tuples(st.integers(0, 399), st.integers(0, CHANNELS - 1)), max_size=20),
)
def test_kernel_and_twin_agree_to_the_bit(seed, jumps, holes):
    kernel, twin = Changes(learned(), 2.0), reference_changes.Changes(learned(), 2.0)
    values = noise(400, seed)
    for row, height in jumps:
        values[row:] += height
    for row, column in holes:
        values[row, column] = np.nan
    assert steps(kernel, values) == steps(twin, values)
    told = np.empty((2, CHANNELS, 3))
    kernel.moved(told[0])
    twin.moved(told[1])
    np.testing.assert_array_equal(told[0], told[1])


def test_a_step_is_told_once_with_its_channel_and_both_levels():
    values = noise(400)
    values[200:, 0] += 6.0
    detector = Changes(learned(), 5.0)
    (row,) = steps(detector, values)
    assert 200 <= row < 200 + healthy.RECENT
    told = np.empty((CHANNELS, 3))
    detector.moved(told)
    reach, before, after = told[0]
    assert reach > 1 > told[1, 0]
    assert before == pytest.approx(10, abs=0.3)
    assert 12 < after < 17


def test_there_and_back_are_two_changes():
    values = noise(600)
    values[200:350, 0] += 6.0
    assert len(steps(Changes(learned(), 5.0), values)) == 2


def test_noise_is_no_change():
    assert steps(Changes(learned(), 5.0), noise(5000)) == []


def test_what_has_become_restless_does_not_change_all_the_time():
    values = noise(6000)
    spread = np.repeat(np.linspace(1, 3, 30), 200)[:, None]
    values = (values - learned().centre) * spread + learned().centre
    restless = steps(Changes(learned(change=np.full(3, 0.06)), 5.0), values)
    assert len([row for row in restless if row > 3000]) <= 2
    values[4000:, 0] += 40.0
    assert any(4000 <= row < 4010 for row in steps(Changes(learned(change=np.full(3, 0.06)), 5.0), values))


def test_a_rise_too_slow_for_two_windows_is_told_by_its_sum():
    values = noise(3000)
    values[500:, 0] += np.minimum(np.arange(2500) * 0.2, 100.0)
    assert steps(Changes(learned(change=np.full(3, 1e3)), 5.0), values)


def test_a_channel_that_did_not_move_while_learning_is_not_judged():
    values = noise(400)
    values[200:, 2] += 1e6
    assert steps(Changes(learned(), 5.0), values) == []


def test_nothing_adds_up_over_years():
    detector = Changes(learned(), 5.0)
    values = noise(ROOM * 50)
    values[: ROOM * 49] += np.where(np.arange(ROOM * 49)[:, None] % 2, 1e9, -1e9)
    steps(detector, values[: ROOM * 49 + ROOM])
    assert steps(detector, noise(2000, seed=3)) == []


def test_a_missing_value_counts_as_the_one_before():
    values = noise(400)
    holes = values.copy()
    holes[100:200, 0] = np.nan
    detector = Changes(learned(), 5.0)
    assert steps(detector, holes) == []


@pytest.mark.parametrize("kind", [Changes, reference_changes.Changes])
def test_what_cannot_have_been_learned_is_refused(kind):
    with pytest.raises(ValueError, match="change must be a contiguous float64 array, 3 long"):
        kind(learned(change=np.ones(2)), 5.0)
    with pytest.raises(ValueError, match="edge must be"):
        kind(learned(), -1.0)
    with pytest.raises(ValueError, match="rows must be"):
        kind(learned(), 5.0).moved(np.zeros((3, 2)))

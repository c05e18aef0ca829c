import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import healthy, reference_health
from gatewayd_ext.health import Health

CHANNELS = 4


def learned(n=CHANNELS, seed=0, **changed):
    """What might have been learned of `n` channels, of which the last one does not move."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(n, n))
    parts = {
        "change": np.ones(n),
        "centre": rng.normal(size=n) * 100,
        "scale": rng.uniform(0.5, 20.0, n),
        "precision": mixed @ mixed.T + np.eye(n),
        "course": rng.uniform(-0.5, 0.5, (n, healthy.ORDER)),
        "noise": rng.uniform(0.5, 2.0, n),
        "level_edge": 2.0,
        "energy_edge": 1.5,
    }
    parts["scale"][-1] = 0.0
    return parts | changed


def made(kind, parts, edge=1.5, *, adapts=True):
    return kind(SimpleNamespace(**parts), edge, adapts=adapts)


def rows(parts, count, seed=1):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(count, len(parts["centre"]))) * np.maximum(parts["scale"], 1.0)
    return np.cumsum(steps, axis=0) * 0.3 + parts["centre"]


def good(n=CHANNELS):
    return np.zeros(n, dtype=np.uint8)


@given(
    seed=st.integers(0, 99),
    adapts=st.booleans(),
    holes=st.lists(st.tuples(st.integers(0, 59), st.integers(0, CHANNELS - 1), st.sampled_from(["bad", "nan", "inf"]))),
)
def test_kernel_and_twin_agree_to_the_bit(seed, adapts, holes):
    parts = learned(seed=seed)
    kernel, twin = (made(kind, parts, adapts=adapts) for kind in (Health, reference_health.Health))
    values, qualities = rows(parts, 60, seed), np.zeros((60, CHANNELS), dtype=np.uint8)
    for row, column, what in holes:
        if what == "bad":
            qualities[row, column] = 2
        else:
            values[row, column] = float(what)
    for row in range(60):
        if row == 40:
            kernel.restart()
            twin.restart()
        scores = [each.step(values[row], qualities[row]) for each in (kernel, twin)]
        np.testing.assert_array_equal(*scores)
    for method, shape in (("parts", (CHANNELS, 4)), ("shift", (CHANNELS,))):
        found = [np.full(shape, 7.0) for _ in range(2)]
        getattr(kernel, method)(found[0])
        getattr(twin, method)(found[1])
        np.testing.assert_array_equal(*found)


def test_the_middle_of_normal_scores_low_and_what_is_far_scores_high():
    parts = learned(course=np.zeros((CHANNELS, healthy.ORDER)))
    health = made(Health, parts)
    calm = [health.step(parts["centre"], good()) for _ in range(100)][-1]
    wild = [health.step(parts["centre"] + 5 * parts["scale"], good()) for _ in range(100)][-1]
    assert calm < 0.1
    assert wild > 2


def test_one_wild_value_is_soon_forgotten():
    parts = learned(course=np.zeros((CHANNELS, healthy.ORDER)), precision=np.eye(CHANNELS))
    health = made(Health, parts, 1.0, adapts=False)
    spike = parts["centre"].copy()
    spike[0] = 1e300
    calm = [health.step(parts["centre"], good()) for _ in range(100)][-1]
    assert health.step(spike, good()) > 2 * calm
    later = [health.step(parts["centre"], good()) for _ in range(60)][-1]
    assert later == pytest.approx(calm, abs=0.05)


def test_a_slow_drift_is_followed_so_far_and_no_further():
    parts = learned(scale=np.ones(CHANNELS), precision=np.eye(CHANNELS), level_edge=1.0)
    health = made(Health, parts, 3.0)
    for step in range(40_000):
        health.step(parts["centre"] + step / 4_000, good())
    followed = np.empty(CHANNELS)
    health.shift(followed)
    assert followed == pytest.approx(healthy.BOUND)
    assert health.step(parts["centre"] + 10, good()) > 1


def test_nothing_is_followed_from_where_it_stands_out():
    parts = learned(scale=np.ones(CHANNELS), precision=np.eye(CHANNELS))
    health = made(Health, parts, 0.1)
    for _ in range(10):
        health.step(parts["centre"] + 3, good())
    before, after = np.empty(CHANNELS), np.empty(CHANNELS)
    health.shift(before)
    for _ in range(5000):
        assert health.step(parts["centre"] + 3, good()) > 1
    health.shift(after)
    assert (before == after).all()


def test_what_was_followed_can_be_kept():
    parts = learned()
    health, other = made(Health, parts), made(Health, parts)
    for row in rows(parts, 300):
        health.step(row, good())
    kept, given_back = np.empty(CHANNELS), np.empty(CHANNELS)
    health.shift(kept)
    other.follow(kept)
    other.shift(given_back)
    assert kept.tolist() == given_back.tolist()
    assert np.abs(kept).max() > 0


def test_with_too_few_usable_values_there_is_no_score():
    parts = learned()
    health = made(Health, parts)
    bad = np.array([2, 2, 0, 0], dtype=np.uint8)
    assert math.isnan(health.step(parts["centre"], bad))
    assert math.isfinite(health.step(parts["centre"], np.array([2, 0, 0, 0], dtype=np.uint8)))
    assert math.isnan(made(Health, learned(scale=np.zeros(CHANNELS))).step(parts["centre"], good()))


@pytest.mark.parametrize("kind", [Health, reference_health.Health])
@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"scale": np.ones(3)}, "scale must be a contiguous float64 array, 4 long"),
        ({"precision": np.ones((4, 3))}, "precision must be"),
        ({"noise": np.array([1.0, np.nan, 1.0, 1.0])}, "noise must be finite"),
        ({"energy_edge": 0.0}, "energy_edge must be a finite number above 0"),
        ({"level_edge": np.inf}, "level_edge must be"),
    ],
)
def test_what_cannot_have_been_learned_is_refused(kind, changed, complaint):
    with pytest.raises(ValueError, match=complaint):
        made(kind, learned(**changed))
    with pytest.raises(ValueError, match="edge must be"):
        made(kind, learned(), -1.0)


@pytest.mark.parametrize("kind", [Health, reference_health.Health])
def test_rows_of_another_shape_are_refused(kind):
    health = made(kind, learned())
    with pytest.raises(ValueError, match="values must be a contiguous float64 array, 4 long"):
        health.step(np.zeros(3), good())
    with pytest.raises(TypeError, match="qualities must be"):
        health.step(np.zeros(4), np.zeros(4))
    with pytest.raises(ValueError, match="rows must be"):
        health.parts(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="shift must be finite"):
        health.follow(np.array([0.0, np.inf, 0.0, 0.0]))

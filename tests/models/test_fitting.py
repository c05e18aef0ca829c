import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from taught_model import LEVELS, SCATTERS, healthy

from gatewayd.models.fitted import Kept
from gatewayd.models.fitting import _smoothed, _standard, fit
from gatewayd_ext.healthy import SMOOTH


def begun(count, *starts):
    return np.isin(np.arange(count), [0, *starts])


def fitted(rows, *starts):
    return fit(rows, begun(len(rows), *starts))


def test_centre_and_scale_are_those_of_the_rows():
    found = fitted(healthy(1000))
    assert np.allclose(found.centre, LEVELS, atol=2 * SCATTERS)
    assert np.allclose(found.scale, healthy(1000).std(axis=0), rtol=0.05)


def test_spikes_change_little():
    clean, spoilt = healthy(400), healthy(400)
    spoilt[::40] *= 1e6
    assert np.allclose(fitted(spoilt).scale, fitted(clean).scale, rtol=0.5)
    assert np.allclose(fitted(spoilt).centre, LEVELS, atol=3 * SCATTERS)


@pytest.mark.parametrize(("scale", "offset"), [(1000.0, 0.0), (1e-3, 0.0), (-1.0, 273.15), (5 / 9, -40.0)])
def test_units_do_not_matter(scale, offset):
    plain, other = fitted(healthy(400)), fitted(healthy(400) * scale + offset)
    assert other.level_edge == pytest.approx(plain.level_edge)
    assert other.energy_edge == pytest.approx(plain.energy_edge)
    assert np.allclose(other.precision, plain.precision)
    assert np.allclose(other.reach, plain.reach * abs(scale))


def test_the_order_of_channels_does_not_matter():
    order = [2, 0, 3, 1]
    plain, other = fitted(healthy(400)), fitted(healthy(400)[:, order])
    assert np.allclose(other.precision, plain.precision[np.ix_(order, order)])
    assert other.level_edge == pytest.approx(plain.level_edge)


def test_rows_none_of_which_follows_another_have_levels_and_no_course():
    found = fitted(healthy(100), *range(100))
    assert np.allclose(found.centre, LEVELS, atol=2 * SCATTERS)
    assert not found.course.any()
    assert found.noise.tolist() == [1.0] * 4
    assert found.energy_edge == 1.0


def test_a_constant_channel_is_not_judged_whatever_its_value():
    rows = healthy(400)
    rows[:, 1] = 1e9 + 1e-8 * rows[:, 1]
    found = fitted(rows)
    assert found.judged.tolist() == [True, False, True, True]
    assert not found.precision[1].any()
    assert found.reach[1] == 0.0


def test_a_gap_is_no_course():
    rows = healthy(400)
    rows[200:] += 50 * SCATTERS
    assert (fitted(rows, 200).noise < fitted(rows).noise).all()


@given(st.integers(1, 300), st.lists(st.integers(1, 299), max_size=5))
def test_smoothing_piece_by_piece_is_smoothing_row_by_row(count, starts):
    rows = np.random.default_rng(count).normal(size=(count, 2))
    since = _standard(rows, begun(count, *starts)).since
    smoothed = _smoothed(rows, since, lambda row: np.full(2, float(row)))
    level = np.zeros(2)
    for row in range(count):
        level = np.full(2, float(row)) if since[row] == 0 else level
        level = level + (rows[row] - level) / SMOOTH
        assert np.allclose(smoothed[row], level)


@given(st.integers(50, 120), st.integers(1, 6), st.integers(0, 3))
def test_whatever_was_learned_can_be_judged_by(count, columns, kind):
    noise = np.random.default_rng(count)
    rows = {
        0: np.zeros((count, columns)),
        1: noise.integers(0, 2, (count, columns)).astype(float),
        2: np.repeat(noise.normal(size=(count, 1)), columns, axis=1),
        3: noise.normal(size=(count, columns)) * 1e150,
    }[kind]
    found = fitted(rows)
    found.check()
    assert Kept.of(found).fitted(columns).level_edge == found.level_edge


def test_another_base_changes_the_centre_only():
    found = fitted(healthy(400))
    other = found.rebased(healthy(100) + 10 * SCATTERS)
    assert np.allclose(other.centre - found.centre, 10 * SCATTERS, atol=2 * SCATTERS)
    assert other.precision is found.precision

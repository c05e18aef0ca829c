import numpy as np
import pytest

from gatewayd.forecasts.points import MOST, ROOM, Points

HOUR = 3600 * 10**9


def filled(count, every=HOUR // 10, width=HOUR, value=float):
    points = Points(width)
    over = [points.push(n * every, value(n)) for n in range(count)]
    return points, over


def test_a_stretch_is_over_with_the_first_value_after_it():
    points, over = filled(31)
    assert [n for n, each in enumerate(over) if each] == [10, 20, 30]
    days, medians = points.series()
    assert days.tolist() == pytest.approx([0, 1 / 24, 2 / 24])
    assert medians.tolist() == [4.5, 14.5, 24.5]


def test_the_median_of_many_values_is_that_of_an_even_choice_of_them():
    points, _ = filled(20_000, every=HOUR // 10_000, value=lambda n: float(n % 10_000))
    assert points.series()[1][0] == pytest.approx(5000, rel=0.05)


def test_what_is_remembered_is_bounded():
    points, _ = filled(10 * (MOST + 50))
    assert len(points.medians) == MOST
    assert len(points._values) <= ROOM


def test_stretches_without_values_are_left_out():
    points = Points(HOUR)
    for hour in (0, 1, 9, 10):
        points.push(hour * HOUR, 1.0)
    assert np.diff(points.series()[0] * 24).tolist() == pytest.approx([1, 8])


def test_a_value_of_the_past_is_passed_over():
    points, _ = filled(25)
    assert not points.push(0, 1e9)
    points.push(3 * HOUR, 0.0)
    assert points.series()[1].tolist() == [4.5, 14.5, 22.0]

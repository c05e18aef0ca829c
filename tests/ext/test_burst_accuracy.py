"""The moments against exact arithmetic: rational numbers up to the roots, which have 60 digits."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from effort import campaign

from gatewayd_ext import burst
from gatewayd_ext.terms import named

NAMES = ("mean", "std", "rms", "skewness", "kurtosis", "excess_kurtosis", "slope", "line_length")
N = 1001


def root(number):
    return Decimal(number.numerator).sqrt() / Decimal(number.denominator).sqrt()


def decimal(number):
    return Decimal(number.numerator) / Decimal(number.denominator)


def exact(values):
    """All features of NAMES at a rate of 1 Hz."""
    x, n = [Fraction(float(value)) for value in values], len(values)
    mean = sum(x) / n
    second, third, fourth = (sum((value - mean) ** order for value in x) / n for order in (2, 3, 4))
    middle = Fraction(n - 1, 2)
    with localcontext() as context:
        context.prec = 60
        found = {
            "mean": decimal(mean),
            "std": root(second),
            "rms": root(second + mean**2),
            "skewness": decimal(third) / root(second) ** 3,
            "kurtosis": decimal(fourth / second**2),
            "excess_kurtosis": decimal(fourth / second**2 - 3),
            "slope": decimal(sum((i - middle) * value for i, value in enumerate(x)) * 12 / (n * (n * n - 1))),
            "line_length": decimal(sum(abs(b - a) for a, b in pairwise(x))),
        }
    return {name: float(value) for name, value in found.items()}


def computed(values):
    out = np.empty(len(NAMES))
    burst.Burst(len(values), named(*NAMES)).compute(values, 1.0, out)
    return dict(zip(NAMES, out.tolist(), strict=True))


def skewed(offset, std):
    """Gamma distributed, with a trend, so that no feature is near 0 by chance."""
    rng = np.random.default_rng(7)
    return offset + std * (rng.gamma(2.0, 1.0, N) + np.arange(N) / N)


@pytest.mark.parametrize("std", [1e-6, 1e3, *campaign(1e-3, 1.0)])
@pytest.mark.parametrize("offset", [0.0, 9.81, -1e3, 1e6, 1e9])
def test_moments_are_right_to_twelve_digits_wherever_they_lie(offset, std):
    values = skewed(offset, std)
    assert computed(values) == pytest.approx(exact(values), rel=1e-12)


@pytest.mark.parametrize("std", [1e-3, 1.0])
@pytest.mark.parametrize("offset", [0.0, 9.81, 1e3, 1e6])
def test_moments_of_noise_are_right_where_naive_sums_have_no_digit_left(offset, std):
    values = offset + std * np.random.default_rng(8).normal(0.0, 1.0, N)
    found, expected = computed(values), exact(values)
    assert found.pop("excess_kurtosis") == pytest.approx(expected.pop("excess_kurtosis"), abs=1e-12)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15 * std)


@pytest.mark.parametrize(
    ("offset", "std"), [(0.0, 1e-3), (0.0, 1.0), (9.81, 1e-2), (-300.0, 1.0), (1e4, 1.0), (0.0, 1e9)]
)
def test_moments_in_single_precision_are_right_to_five_digits(offset, std):
    values = skewed(offset, std).astype(np.float32)
    assert computed(values) == pytest.approx(exact(values), rel=1e-5)


def test_a_spike_does_not_hide_the_rest():
    values = skewed(0.0, 1.0)
    values[300] = 1e9
    assert computed(values) == pytest.approx(exact(values), rel=1e-12)

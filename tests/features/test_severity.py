"""Severity: the limits as the sources give them, and the zones between them."""

import math

import pytest

from gatewayd.features.severity import LIMITS, ZONES, zone


@pytest.mark.parametrize("machine", LIMITS)
def test_the_limits_of_every_machine_rise(machine):
    low, middle, high = LIMITS[machine]
    assert 0 < low < middle < high


def test_flexible_supports_and_large_machines_may_vibrate_more():
    for group in (1, 2):
        assert LIMITS[f"ISO 20816-3 group {group} flexible"] > LIMITS[f"ISO 20816-3 group {group} rigid"]
    assert LIMITS["ISO 20816-3 group 1 rigid"] > LIMITS["ISO 20816-3 group 2 rigid"]
    for category in (1, 2):
        small, large = (LIMITS[f"ISO 10816-7 category {category} {size} 200 kW"] for size in ("up to", "above"))
        assert large > small


def test_the_row_that_an_automation_maker_documents_is_the_same():
    assert LIMITS["ISO 20816-3 group 1 rigid"] == (2.3, 4.5, 7.1)


@pytest.mark.parametrize(
    ("velocity", "name"),
    [(0, "A"), (1.4, "A"), (1.41, "B"), (2.8, "B"), (2.81, "C"), (4.5, "C"), (4.51, "D"), (100, "D")],
)
def test_a_boundary_belongs_to_the_better_zone(velocity, name):
    assert ZONES[zone(velocity, LIMITS["ISO 20816-3 group 2 rigid"])][0] == name


@pytest.mark.parametrize("velocity", [math.nan, math.inf, -0.1])
def test_there_is_no_zone_for_what_is_no_velocity(velocity):
    with pytest.raises(ValueError, match="expected a velocity"):
        zone(velocity, (1.0, 2.0, 3.0))

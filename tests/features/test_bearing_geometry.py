"""Fault frequencies from dimensions: published figures, identities, and what cannot be built."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.features.bearings.geometry import Geometry, Orders
from gatewayd.features.bearings.types import SOURCES, TYPES


@pytest.mark.parametrize(
    ("name", "bpfo", "bpfi", "twice_bsf", "ftf"),
    [("6205", 3.5848, 5.4152, 4.7135, 0.39828), ("6203", 3.0530, 4.9469, 3.9874, 0.3817)],
)
def test_the_orders_are_those_that_are_published_with_the_recordings(name, bpfo, bpfi, twice_bsf, ftf):
    orders = TYPES[name].orders()
    assert (orders.bpfo, orders.bpfi, 2 * orders.bsf, orders.ftf) == pytest.approx(
        (bpfo, bpfi, twice_bsf, ftf), rel=5e-4
    )


def test_the_orders_of_a_published_example_are_right():
    orders = TYPES["ER-16K"].orders()
    assert (orders.bpfo, orders.bpfi, orders.bsf, orders.ftf) == pytest.approx((3.572, 5.428, 2.32, 0.3969), rel=1e-3)


@given(st.integers(3, 40), st.floats(0.02, 0.95), st.floats(0, 80))
def test_every_bearing_that_can_be_built_has_orders_that_agree_with_each_other(balls, part, angle):
    diameter = math.sin(math.pi / balls) * part
    orders = Geometry(balls, diameter, 1.0, angle).orders()
    assert orders.bpfo + orders.bpfi == pytest.approx(balls)
    assert orders.bpfo == pytest.approx(balls * orders.ftf)
    assert orders.bpfi == pytest.approx(balls * (1 - orders.ftf))


def test_the_unit_of_length_makes_no_difference():
    inches, millimetres = Geometry(9, 0.3126, 1.537).orders(), Geometry(9, 0.3126 * 25.4, 1.537 * 25.4).orders()
    assert inches.bsf == pytest.approx(millimetres.bsf)


@pytest.mark.parametrize(
    ("dimensions", "why"),
    [
        ((2, 8, 40), "at least 3 balls, got 2"),
        ((9, 0, 40), "got 0 and 40"),
        ((9, -1, 40), "got -1 and 40"),
        ((9, 40, 8), "below the pitch diameter, got 40 and 8"),
        ((9, math.nan, 40), "got nan and 40"),
        ((9, 8, math.inf), "got 8 and inf"),
        ((9, 8, 40, 90), "from 0 to below 90 degrees, got 90"),
        ((9, 8, 40, math.nan), "got nan"),
        ((9, 8, 22), "9 balls of 8 have no room on a circle of 22: at most 8"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_reason(dimensions, why):
    with pytest.raises(ValueError, match=why):
        Geometry(*dimensions)


@pytest.mark.parametrize(
    ("orders", "why"),
    [
        ((3.58, 5.42, 2.36, 0), "four positive numbers"),
        ((3.58, 5.42, math.nan, 0.398), "four positive numbers"),
        ((5.42, 3.58, 2.36, 0.398), "expected bpfi above bpfo"),
        ((3.58, 5.42, 2.36, 0.6), "expected ftf below 0.5, got bpfo = 3.58, bpfi = 5.42, bsf = 2.36, ftf = 0.6"),
        ((88.3, 133.6, 58.2, 9.8), "what is in Hz must be divided by the shaft's speed"),
        ((3.58, 5.42, 4.71, 0.398), "is 2 x BSF given"),
        ((3.58, 5.42, 2.36, 0.3), "bpfo / bpfi is ftf / \\(1 - ftf\\)"),
    ],
)
def test_orders_that_no_bearing_has_are_refused_with_the_reason(orders, why):
    with pytest.raises(ValueError, match=why):
        Orders(*orders)


def test_rounded_orders_are_accepted():
    assert Orders(3.6, 5.4, 2.4, 0.4).bpfo == 3.6


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_source_and_can_be_built(name):
    assert SOURCES[name]
    assert TYPES[name].orders().bpfi > TYPES[name].orders().bpfo


OUTER_DIMENSIONS = {
    "6203": (17, 40), "6205": (25, 52), "6206": (30, 62), "6207": (35, 72), "6208": (40, 80), "UER204": (20, 47),
    "6308": (40, 90), "6309": (45, 100), "6310": (50, 110), "6312": (60, 130), "6314": (70, 150),
}  # fmt: skip
"""Bore and outside diameter after ISO 15."""


@pytest.mark.parametrize("name", OUTER_DIMENSIONS)
def test_the_balls_of_a_type_fit_between_its_bore_and_its_outside(name):
    bore, outside = OUTER_DIMENSIONS[name]
    geometry = TYPES[name]
    assert geometry.pitch_diameter == pytest.approx((bore + outside) / 2, rel=0.04)
    assert bore < geometry.pitch_diameter - geometry.ball_diameter
    assert geometry.pitch_diameter + geometry.ball_diameter < outside

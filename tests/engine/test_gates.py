import math

import pytest

from gatewayd.engine.gates import Gate
from gatewayd.model import Quality


def test_a_gate_that_was_never_seen_is_neither_open_nor_closed():
    gate = Gate("pump1.running")
    assert gate.open is None
    assert gate.known is None


@pytest.mark.parametrize(("value", "is_open"), [(0.0, False), (-0.0, False), (1.0, True), (-1.0, True), (0.5, True)])
def test_only_nought_closes_a_gate(value, is_open):
    gate = Gate("pump1.running")
    gate.sample(value, Quality.GOOD)
    assert gate.open is is_open


@pytest.mark.parametrize(("value", "quality"), [(1.0, Quality.BAD), (math.nan, Quality.GOOD), (math.inf, Quality.GOOD)])
def test_a_bad_value_leaves_a_gate_unknown_but_not_forgotten(value, quality):
    gate = Gate("pump1.running")
    gate.sample(1.0, Quality.GOOD)
    assert not gate.sample(value, quality)
    assert gate.open is None
    assert gate.known is True


def test_an_uncertain_value_opens_and_closes_a_gate():
    gate = Gate("pump1.running")
    gate.sample(1.0, Quality.UNCERTAIN)
    assert gate.open is True


def test_a_gate_tells_when_it_moves():
    gate = Gate("pump1.running")
    given = [1.0, 1.0, 0.0, 0.0, math.nan, 0.0, math.nan, 1.0]
    assert [gate.sample(value, Quality.GOOD) for value in given] == [
        False, False, True, False, False, False, False, True,
    ]  # fmt: skip

import math

import pytest
from small_engine import SECOND

from gatewayd.engine.alarms.gates import Gate
from gatewayd.model import Quality


def seen(*values, quality=Quality.GOOD, every=1, interval=1, **how):
    """A gate that has had these values, one every so many seconds."""
    gate = Gate("pump1.running", interval * SECOND, **how)
    for n, value in enumerate(values):
        gate.sample(n * every * SECOND, value, quality)
    return gate


def test_a_gate_that_was_never_seen_is_neither_open_nor_closed():
    gate = Gate("pump1.running")
    assert gate.open(0) is None
    assert gate.known is None
    assert gate.unknown(0) == ("pump1.running has had no value yet", None)


@pytest.mark.parametrize(("value", "is_open"), [(0.0, False), (-0.0, False), (1.0, True), (-1.0, True), (0.5, True)])
def test_only_nought_closes_a_gate(value, is_open):
    assert seen(value).open(0) is is_open
    assert seen(value, inverted=True).open(0) is not is_open


@pytest.mark.parametrize(("value", "quality"), [(1.0, Quality.BAD), (math.nan, Quality.GOOD), (math.inf, Quality.GOOD)])
def test_a_bad_value_leaves_a_gate_unknown_but_not_forgotten(value, quality):
    gate = seen(1.0)
    for at in (3, 4, 5):
        assert not gate.sample(at * SECOND, value, quality)
    assert gate.open(5 * SECOND) is None
    assert gate.known is True
    assert gate.unknown(5 * SECOND) == ("pump1.running is bad", 3 * SECOND)


def test_an_uncertain_value_opens_and_closes_a_gate():
    assert seen(1.0, quality=Quality.UNCERTAIN).open(0) is True


def test_a_value_counts_for_ten_intervals_and_for_ten_seconds_at_least():
    for interval, patience in [(0.1, 10), (1, 10), (60, 600)]:
        gate = seen(1.0, interval=round(interval * 10) / 10)
        assert gate.open(patience * SECOND) is True
        late = (patience + 1) * SECOND
        assert gate.open(late) is None
        assert gate.known is True
        assert gate.unknown(late) == (f"pump1.running has had no value for {patience + 1} s", 0)


def test_a_gate_tells_when_it_moves():
    gate = Gate("pump1.running")
    given = [1.0, 1.0, 0.0, 0.0, math.nan, 0.0, math.nan, 1.0]
    assert [gate.sample(n, value, Quality.GOOD) for n, value in enumerate(given)] == [
        False, False, True, False, False, False, False, True,
    ]  # fmt: skip


def test_a_gate_says_what_closes_it():
    assert Gate("pump1.running").words == "pump1.running is 0"
    assert Gate("pump1.bypass", inverted=True).words == "pump1.bypass is not 0"

"""Calculated channels: values, qualities, reasons, and what they are worked out from."""

import math

import pytest
from small_engine import SmallEngine, rule

from gatewayd.engine.plan import PlannedFormula
from gatewayd.formulas.parser import parse
from gatewayd.model import Quality

GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD


def formula(name, text):
    """A calculated channel by its formula; channels are called `x.pressure` in it, or `calculated.name`."""

    def planned(numbers, derive):
        written = parse(text, numbers)
        inputs = tuple(numbers[channel.removeprefix("x.")] for channel in written.channels)
        return PlannedFormula(name, inputs, (derive(f"calculated.{name}"),), written.program)

    return planned


def test_a_formula_has_a_value_with_every_poll():
    engine = SmallEngine(derivers=[formula("sum", "x.pressure + 2 * x.flow")])
    engine.poll(0, pressure=1.0, flow=10.0)
    engine.poll(1, pressure=2.0, flow=20.0)
    assert engine.values("calculated.sum") == [21.0, 42.0]


def test_the_efficiency_of_a_pump():
    """3 bar of head at 60 l/min are 300 W of hydraulic power; the motor takes 500 W: 60 %."""
    text = "(x.discharge - x.suction) * x.flow / (0.006 * x.power)"
    names = ("discharge", "suction", "flow", "power")
    engine = SmallEngine(names=names, derivers=[formula("efficiency", text)])
    engine.poll(0, discharge=3.5, suction=0.5, flow=60.0, power=500.0)
    hydraulic = (3.5 - 0.5) * 1e5 * (60.0 / 60_000.0)
    assert hydraulic == pytest.approx(300.0)
    assert engine.values("calculated.efficiency") == [pytest.approx(100.0 * hydraulic / 500.0)]


def test_formulas_follow_from_features_and_from_each_other():
    derivers = [formula("crest", "x.pressure / x.pressure.rms"), formula("twice", "2 * calculated.crest")]
    engine = SmallEngine(window=2, hop=2, derivers=derivers)
    engine.polls([3.0, 3.0, 3.0, 3.0, 3.0])
    assert engine.values("calculated.twice") == [2.0] * len(engine.values("pressure.rms"))
    assert len(engine.values("calculated.twice")) >= 2


def test_a_value_is_as_good_as_the_worst_of_its_inputs():
    engine = SmallEngine(derivers=[formula("sum", "x.pressure + x.flow")])
    engine.poll(0, pressure=1.0, flow=(2.0, UNCERTAIN))
    engine.poll(1, pressure=1.0, flow=None)
    assert engine.told("calculated.sum") == [
        (3.0, UNCERTAIN, ""),
        (pytest.approx(math.nan, nan_ok=True), BAD, "pump1.flow is bad"),
    ]


def test_an_input_that_has_had_no_value_for_too_long_is_named():
    engine = SmallEngine(derivers=[formula("sum", "x.pressure + x.flow")])
    engine.poll(0, pressure=1.0, flow=2.0)
    engine.poll(10, pressure=1.0)
    engine.poll(11, pressure=1.0)
    engine.poll(12, pressure=1.0, flow=5.0)
    assert [(quality, why) for _, quality, why in engine.told("calculated.sum")] == [
        (GOOD, ""),
        (GOOD, ""),
        (BAD, "pump1.flow has had no value for 11 s"),
        (GOOD, ""),
    ]


def test_an_input_that_never_came_is_named():
    engine = SmallEngine(derivers=[formula("sum", "x.pressure + x.flow")])
    engine.poll(0, pressure=1.0)
    assert engine.told("calculated.sum")[0][1:] == (BAD, "pump1.flow has had no value yet")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1 / x.pressure", "division by zero"),
        ("log(x.pressure)", "logarithm of 0, which is not above 0"),
        ("exp(1000 + x.pressure)", "the number is too large"),
        ("(x.pressure - 8) ** 0.5", "-8 ** 0.5 is not a number"),
    ],
)
def test_where_there_is_no_value_it_is_bad_and_says_why(text, why):
    engine = SmallEngine(derivers=[formula("f", text)])
    engine.poll(0, pressure=0.0)
    [(value, quality, reason)] = engine.told("calculated.f")
    assert (math.isnan(value), quality, reason) == (True, BAD, why)


def test_one_that_guards_itself_is_good_while_the_pump_stands():
    engine = SmallEngine(derivers=[formula("ratio", "if(x.flow > 0, x.pressure / x.flow, 0)")])
    engine.poll(0, pressure=4.0, flow=0.0)
    engine.poll(1, pressure=4.0, flow=2.0)
    assert engine.told("calculated.ratio") == [(0.0, GOOD, ""), (2.0, GOOD, "")]


def test_a_rule_judges_it_and_its_reason_is_in_the_summary():
    watch = rule("below", "calculated.head", low=1.0)
    engine = SmallEngine(watch, derivers=[formula("head", "x.pressure - x.flow")], summary=10)
    engine.poll(0, pressure=5.0, flow=0.0)
    engine.poll(1, pressure=5.0, flow=4.5)
    engine.poll(2, pressure=None, flow=1.0)
    engine.stop(3)
    assert engine.story() == [("raised", 1.0)]
    [summary] = engine.summaries
    head = next(channel for channel in summary.channels if channel.name == "calculated.head")
    assert (head.count, head.bad, head.last, head.reason) == (2, 1, 0.5, "pump1.pressure is bad")

"""How much work there is with many rules."""

from counted_work import instructions
from small_engine import SmallEngine, rule


def engine_of(count, **more):
    return lambda: SmallEngine(*(rule("above", name=f"rule{n}", high=float(n), **more) for n in range(count)))


def test_each_rule_more_costs_the_start_as_much_as_the_one_before():
    assert instructions(engine_of(200)) < 2.05 * instructions(engine_of(100))


def test_each_gated_rule_more_costs_the_start_as_much_as_the_one_before():
    assert instructions(engine_of(200, gate="running")) < 2.05 * instructions(engine_of(100, gate="running"))

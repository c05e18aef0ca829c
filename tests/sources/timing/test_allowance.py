import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.sources.timing.allowance import Allowance


def test_what_there_is_may_be_spent_at_once():
    allowance = Allowance(rate=0.01, most=2.0, left=2.0)
    assert allowance.when(1.5, now=100.0) == 100.0


def test_what_is_missing_must_grow_first():
    allowance = Allowance(rate=0.01, most=2.0, left=2.0)
    allowance.spend(1.5, now=100.0)
    assert allowance.when(1.0, now=100.0) == pytest.approx(150.0)
    assert allowance.when(1.0, now=140.0) == pytest.approx(150.0)


def test_what_costs_more_than_can_ever_be_there_waits_for_all_of_it_and_the_debt_must_grow_again():
    allowance = Allowance(rate=0.01, most=2.0, left=2.0)
    assert allowance.when(5.0, now=100.0) == 100.0
    allowance.spend(5.0, now=100.0)
    assert allowance.when(5.0, now=100.0) == pytest.approx(600.0)


def test_what_costs_nothing_need_not_wait_for_a_debt_to_grow_again():
    allowance = Allowance(rate=0.01, most=2.0, left=2.0)
    allowance.spend(50.0, now=100.0)
    assert allowance.when(0.0, now=100.0) == 100.0


def test_a_long_calm_saves_up_only_so_much():
    allowance = Allowance(rate=0.01, most=2.0, left=0.0)
    allowance.spend(0.0, now=0.0)
    allowance.spend(2.0, now=1e6)
    assert allowance.when(2.0, now=1e6) == pytest.approx(1e6 + 200.0)


@given(amounts=st.lists(st.floats(0.01, 9.0), min_size=1, max_size=50))
def test_in_the_long_run_no_more_is_spent_than_has_grown(amounts):
    allowance, now, spent = Allowance(rate=0.01, most=2.0, left=2.0), 1000.0, 0.0
    for amount in amounts:
        now = max(now, allowance.when(amount, now))
        assert spent <= 2.0 + 0.01 * (now - 1000.0) + 1e-6
        allowance.spend(amount, now)
        spent += amount

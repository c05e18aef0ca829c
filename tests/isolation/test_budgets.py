from gatewayd.isolation.budgets import Budget
from gatewayd.isolation.restarts import Restarts


def test_a_budget_allows_some_at_once_and_then_its_rate():
    budget = Budget(rate=2.0, depth=10.0)
    assert [budget.spend(1, 100.0) for _ in range(12)] == 10 * [True] + 2 * [False]
    assert [budget.spend(1, 101.0) for _ in range(3)] == [True, True, False]


def test_what_is_not_used_is_not_saved_up_beyond_the_depth():
    budget = Budget(rate=2.0, depth=10.0)
    assert not budget.spend(11, 1e9)
    assert budget.spend(10, 1e9)


def test_waits_grow_to_a_limit_and_begin_anew_after_a_steady_time():
    restarts = Restarts(longest=60.0, steady=60.0)
    assert [restarts.failed(lived=3.0) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert restarts.failed(lived=60.0) == 1
    assert (restarts.count, restarts.in_a_row) == (9, 1)

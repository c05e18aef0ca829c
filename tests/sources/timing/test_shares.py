import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.sources.timing.shares import fair_shares

DEMANDS = st.lists(st.floats(0.0, 5.0), max_size=20)


@pytest.mark.parametrize(
    ("demands", "shares"),
    [
        ([], []),
        ([0.2, 0.3], [0.2, 0.3]),
        ([0.1, 3.0], [0.1, 0.8]),
        ([3.0, 0.1, 3.0], [0.4, 0.1, 0.4]),
        ([0.5, 0.25, 2.0], [0.325, 0.25, 0.325]),
    ],
)
def test_who_asks_for_little_gets_it_and_the_others_equally_much(demands, shares):
    assert fair_shares(demands, 0.9) == pytest.approx(shares)


@given(demands=DEMANDS)
def test_nothing_is_wasted_and_no_more_is_given_than_there_is(demands):
    assert sum(fair_shares(demands, 0.9)) == pytest.approx(min(sum(demands), 0.9))


@given(demands=DEMANDS)
def test_nobody_gets_more_than_asked_for_and_who_gets_less_gets_as_much_as_anybody(demands):
    shares = fair_shares(demands, 0.9)
    for share, demand in zip(shares, demands, strict=True):
        assert share <= demand
        assert share == demand or share == pytest.approx(max(shares))

"""Numbers and counts in words."""

import pytest

from gatewayd_plugins.simulator.demo.words import counted, number


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.0, "1"), (0.0, "0"), (0.0123, "0.012"), (3.014, "3.01"), (41.06, "41.1"), (1171.4, "1171"), (-2.5, "-2.50")],
)
def test_a_number_has_as_many_digits_as_one_wants_to_see(value, words):
    assert number(value) == words


def test_counts_are_put_into_words():
    assert counted({"summary": 1, "alarm": 1, "loss": 2}) == "1 summary, 1 alarm, 2 losses"
    assert counted({"summary": 12, "readings": 3, "channel": 9}) == "12 summaries, 3 readings, 9 channels"
    assert counted({}) == ""

"""Durations are written as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.duration import Duration, written


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0s"), (0.01, "10ms"), (0.5, "500ms"), (1, "1s"), (1.5, "1500ms"), (59, "59s"), (60, "1m"), (90, "90s")),
        *(
            (3600, "1h"),
            (5400, "90m"),
            (86_400, "1d"),
            (30 * 86_400, "30d"),
            (0.0001, "0.0001s"),
            (0.00001, "0.00001s"),
        ),
    ],
)
def test_the_largest_unit_without_a_fraction_is_taken(seconds, text):
    assert written(seconds) == text


@given(st.integers(0, 400 * 86_400_000))
def test_what_is_written_is_read_again(milliseconds):
    assert Duration.parse(written(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)

"""Columns of a terminal, whatever text is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.top.text import Style, columns, fitted, table


@given(st.text(max_size=30), st.integers(0, 40), st.booleans())
def test_a_text_takes_the_columns_that_it_is_given(text, size, right):
    assert columns(fitted(text, size, right=right)) == size


@given(st.text(max_size=30))
def test_nothing_that_a_terminal_would_obey_gets_there(text):
    assert fitted(text, 40).isprintable()


@pytest.mark.parametrize(
    ("text", "size", "shown"),
    [("pump1", 7, "pump1  "), ("pump1", 5, "pump1"), ("pump1", 4, "pum…"), ("pump1", 1, "…"), ("pump1", 0, ""),
     ("泵一", 4, "泵一"), ("泵一", 3, "泵…"), ("泵一", 2, "… "), ("a\x1b[31mb", 7, "a?[31mb")],
)  # fmt: skip
def test_what_does_not_fit_is_cut_with_a_mark(text, size, shown):
    assert fitted(text, size) == shown


def lines(rows, size, heading=("source", ">polls/s", "error")):
    return ["".join(text for text, _ in line) for line in table(heading, rows, size)]


def test_columns_are_as_wide_as_they_must_be():
    assert lines([(("pump1", "1.0", ""), Style.PLAIN), (("p", "10.0", "no answer"), Style.BAD)], 40) == [
        "source  polls/s  error                  ",
        "pump1       1.0                         ",
        "p          10.0  no answer              ",
    ]


def test_first_the_last_column_gives_way_then_the_first_one():
    row = (("a_source_with_a_name", "1.0", "an error of many words"), Style.BAD)
    assert lines([row], 50)[1] == "a_source_with_a_name      1.0  an error of many w…"
    assert lines([row], 36)[1] == "a_source_wit…      1.0  an error of…"


def test_a_single_cell_goes_over_all_columns():
    rows = [(("pump1", "1.0", ""), Style.BAD), (("  no answer within a second",), Style.BAD)]
    assert lines(rows, 30)[2] == "  no answer within a second   "


@given(
    st.lists(st.tuples(st.text(max_size=20), st.text(max_size=9), st.text(max_size=20)), max_size=4),
    st.integers(45, 90),
)
def test_every_line_takes_the_whole_width(cells, size):
    assert {columns(line) for line in lines([(each, Style.PLAIN) for each in cells], size)} == {size}

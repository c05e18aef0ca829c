import numpy as np

from gatewayd.models.gaps import filled

NAN = np.nan


def test_a_missing_value_becomes_the_one_before_or_the_first_one():
    rows = np.array([[NAN, 1.0], [2.0, NAN], [NAN, NAN], [4.0, 5.0]])
    whole = filled(rows)
    assert whole.rows.tolist() == [[2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [4.0, 5.0]]
    assert whole.known.tolist() == [True, True]


def test_a_column_without_values_is_unknown_and_constant():
    whole = filled(np.array([[NAN, 1.0], [NAN, 2.0], [3.0, 3.0]]))
    assert whole.known.tolist() == [False, True]
    assert whole.rows[:, 0].tolist() == [0.0] * 3
    assert filled(np.full((3, 1), NAN)).rows.tolist() == [[0.0]] * 3


def test_rows_without_gaps_stay_as_they_are():
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert filled(rows).rows is rows

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.models.reservoir import MOST_ROWS, RUN, Kept, Reservoir


def filled(count, columns=8):
    reservoir = Reservoir(columns)
    for n in range(count):
        reservoir.push(np.full(columns, float(n)), follows=n > 0)
    return reservoir


def test_few_rows_are_all_kept():
    reservoir = filled(400)
    assert reservoir.rows()[:, 0].tolist() == list(range(400))
    assert np.flatnonzero(reservoir.starts()).tolist() == [0]


def test_many_rows_are_kept_in_runs_evenly_over_the_whole_time():
    reservoir = filled(86_400)
    numbers = reservoir.rows()[:, 0]
    starts = np.flatnonzero(reservoir.starts())
    assert MOST_ROWS // 2 <= len(numbers) <= MOST_ROWS
    assert numbers[0] == 0
    assert numbers[-1] > 80_000
    assert np.unique(np.diff(numbers[starts])).size == 1
    assert (np.diff(numbers)[np.delete(np.arange(len(numbers) - 1), starts[1:] - 1)] == 1).all()
    assert (np.diff(starts) == RUN).all()


def test_a_row_that_does_not_follow_is_marked():
    reservoir = Reservoir(2)
    for n in range(10):
        reservoir.push(np.zeros(2), follows=n not in (0, 4))
    assert np.flatnonzero(reservoir.starts()).tolist() == [0, 4]


@given(st.integers(0, 20_000), st.integers(1, 32))
def test_its_state_is_small_and_goes_on_where_it_was_taken(count, columns):
    reservoir = filled(count, columns)
    data = msgspec.msgpack.encode(reservoir.state())
    assert len(data) < 80_000
    again = Reservoir.of(msgspec.msgpack.decode(data, type=Kept))
    for each in (reservoir, again):
        for n in range(100):
            each.push(np.full(columns, float(n)), follows=True)
    assert np.array_equal(again.rows(), reservoir.rows())
    assert np.array_equal(again.starts(), reservoir.starts())


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": 3},
        {"columns": 0, "rows": b""},
        {"stride": 0},
        {"stride": 3},
        {"seen": 99},
        {"seen": -1},
        {"rows": b""},
        {"starts": b"\x00" * 5000, "rows": b"\x00" * 8 * 5000 * 2, "seen": 5000},
    ],
)
def test_what_cannot_be_its_state_is_refused(changes):
    kept = msgspec.structs.replace(filled(10, 2).state(), **changes)
    with pytest.raises(ValueError, match="no state of a reservoir"):
        Reservoir.of(kept)

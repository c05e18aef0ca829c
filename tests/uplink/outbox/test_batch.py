import pytest
from hypothesis import given
from hypothesis import strategies as st
from outboxes import alarm, number_of, readings, summary

from gatewayd.records import Output, Saved
from gatewayd.uplink import MessageClass
from gatewayd.uplink.outbox import batch
from gatewayd.uplink.outbox.batch import Batch
from gatewayd.uplink.outbox.identity import row_id, runs

EVENT, SUMMARY, READINGS = MessageClass


def numbers(held, message_class):
    return [number_of(record) for record, _ in held.records[message_class]]


def filled(*records, most=1 << 20, saved=()):
    held = Batch(most)
    held.put(Output(records, tuple(saved)))
    return held


def test_readings_go_first_then_summaries_then_events(monkeypatch):
    monkeypatch.setattr(batch, "MOST_ROWS", 4)
    held = filled(*map(alarm, range(2)), *map(summary, range(2)), *map(readings, range(3)))
    assert held.dropped == {EVENT: 0, SUMMARY: 0, READINGS: 3}
    held.put(Output((alarm(2), summary(2))))
    assert held.dropped == {EVENT: 0, SUMMARY: 2, READINGS: 3}
    assert numbers(held, SUMMARY) == [2]
    held.put(Output(tuple(map(alarm, range(3, 6)))))
    assert held.dropped == {EVENT: 2, SUMMARY: 3, READINGS: 3}
    assert numbers(held, EVENT) == [2, 3, 4, 5]


def test_what_is_given_back_comes_before_what_is_newer():
    older, newer = filled(summary(1), saved=[Saved("s", "n", "d", b"old")]), filled(summary(2))
    newer.put(Output((), (Saved("s", "n", "d", b"new"),)))
    older.acked, newer.acked = [4], [8]
    newer.give_back(older)
    assert numbers(newer, SUMMARY) == [1, 2]
    assert newer.saved["s", "n"].data == b"new"
    assert newer.acked == [4, 8]


def test_rows_older_than_one_that_was_dropped_are_dropped_too_so_that_what_is_lost_is_one_range():
    newer = filled(readings(3, 1500), readings(4, 1500), most=2500)
    assert newer.dropped[READINGS] == 1
    newer.give_back(filled(readings(1), readings(2), summary(1)))
    assert newer.dropped[READINGS] == 3
    assert numbers(newer, READINGS) == [4]
    assert numbers(newer, SUMMARY) == [1]


def test_events_and_state_stay_together_when_a_batch_is_split():
    held = filled(*map(alarm, range(3)), *map(readings, range(5)), saved=[Saved("rules", "a", "x", b"1")])
    held.acked = [4]
    assert held.split(2000).departed() == [4]
    part = held.split(2000)
    assert numbers(part, EVENT) == [0, 1, 2]
    assert list(part.saved) == [("rules", "a")]
    rest = []
    while held:
        rest += numbers(held.split(2000), READINGS)
    assert numbers(part, READINGS) + rest == list(range(5))
    assert (held.rows, held.size, held.saved_size) == (0, 0, 0)


@pytest.mark.parametrize("most", [1, 300, 5000, 100_000])
def test_splitting_ends_and_loses_nothing_however_small_the_parts(most):
    held = filled(*map(summary, range(10)), *map(readings, range(10)))
    held.dropped[READINGS] = 7
    parts = []
    while held:
        parts.append(held.split(most))
    assert [number for part in parts for number in numbers(part, SUMMARY)] == list(range(10))
    assert [number for part in parts for number in numbers(part, READINGS)] == list(range(10))
    assert [part.dropped[READINGS] for part in parts] == [7] + [0] * (len(parts) - 1)


@given(st.sets(st.tuples(st.sampled_from(list(MessageClass)), st.integers(1, 40))))
def test_runs_cover_just_the_rows_that_they_are_made_of(places):
    covered = [
        (message_class, seq)
        for message_class, first, last in runs(row_id(*place) for place in places)
        for seq in range(first, last + 1)
    ]
    assert sorted(covered) == sorted(places)
    assert len(covered) == len(set(covered))

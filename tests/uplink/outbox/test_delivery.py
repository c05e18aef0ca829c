import pytest
from outboxes import alarm, summary

from gatewayd.uplink import MessageClass, Row
from gatewayd.uplink.outbox import delivery
from gatewayd.uplink.outbox.delivery import Delivery
from gatewayd.uplink.outbox.identity import row_id
from gatewayd.uplink.outbox.readback import ReadBack
from gatewayd.uplink.outbox.unstored import Unstored

EVENT, SUMMARY, READINGS = MessageClass


def row(seq, message_class=SUMMARY, *, late=False):
    record = alarm(seq) if message_class is EVENT else summary(seq)
    return Row(row_id(message_class, seq), message_class, seq, record, late, "epoch"), 100


class Desk:
    """A delivery whose requests are answered by hand."""

    def __init__(self, **last):
        self.requests = []
        self.delivery = Delivery(self.requests.append, Unstored(lambda _: None))
        self.delivery.begin_epoch("epoch", {MessageClass(each): seq for each, seq in last.items()})

    def take(self):
        rows = []
        while (each := self.delivery.next()) is not None:
            rows.append(each)
        return rows

    def answer(self, seqs, message_class=SUMMARY, request=None):
        request = request or self.requests.pop(0)
        after = {**request.after, message_class: max(seqs)} if seqs else dict(request.upto)
        self.delivery.answer(request, ReadBack([row(seq, message_class, late=True) for seq in seqs], [], after))


def test_the_backlog_of_events_is_awaited_before_anything_else_is_given():
    desk = Desk(event=2, summary=1)
    desk.delivery.committed([row(2)], [])
    assert desk.take() == []
    desk.answer([1, 2], EVENT)
    assert [(each.message_class, each.seq) for each in desk.take()] == [(EVENT, 1), (EVENT, 2), (SUMMARY, 2)]
    desk.answer([1])
    assert [each.seq for each in desk.take()] == [1]


def test_an_answer_from_before_a_restart_is_not_used():
    desk = Desk(summary=3)
    desk.take()
    stale = desk.requests.pop(0)
    desk.delivery.restart()
    desk.take()
    desk.answer([1, 2, 3], request=stale)
    assert desk.take() == []
    desk.answer([1, 2, 3])
    assert [each.seq for each in desk.take()] == [1, 2, 3]


def test_an_acknowledged_row_is_held_back_until_its_own_deletion_is_on_disk():
    desk = Desk()
    desk.delivery.committed([row(1), row(2)], [])
    first, second = desk.take()
    desk.delivery.acked(first)
    desk.delivery.acked(second)
    desk.delivery.restart()
    desk.take()
    desk.delivery.committed([], [second.id])
    desk.answer([1])
    assert desk.take() == []


def test_rows_that_are_on_their_way_are_not_given_again_when_new_ones_overflow(monkeypatch):
    monkeypatch.setattr(delivery, "MOST_LIVE", 2)
    desk = Desk()
    desk.delivery.committed([row(1), row(2)], [])
    assert [each.seq for each in desk.take()] == [1, 2]
    desk.delivery.committed([row(3), row(4), row(5)], [])
    assert desk.take() == []
    desk.answer([1, 2, 3, 4, 5])
    assert [(each.seq, each.late) for each in desk.take()] == [(3, True), (4, True), (5, True)]


def test_many_bytes_overflow_as_many_rows_do(monkeypatch):
    monkeypatch.setattr(delivery, "MOST_LIVE_BYTES", 250)
    desk = Desk()
    desk.delivery.committed([row(1), row(2)], [])
    desk.delivery.committed([row(3)], [])
    assert desk.take() == []
    assert desk.requests[0].upto[SUMMARY] == 3


def test_the_backlog_waits_while_acknowledgements_cannot_be_stored_but_new_rows_do_not(monkeypatch):
    monkeypatch.setattr(delivery, "MOST_UNSTORED", 2)
    desk = Desk(summary=4)
    desk.take()
    desk.answer([1, 2, 3, 4])
    first, second = desk.delivery.next(), desk.delivery.next()
    desk.delivery.acked(first)
    desk.delivery.acked(second)
    assert desk.take() == []
    desk.delivery.committed([row(5)], [])
    assert [each.seq for each in desk.take()] == [5]
    desk.delivery.committed([], [first.id])
    assert [each.seq for each in desk.take()] == [3, 4]


def test_rows_that_were_dropped_on_disk_are_not_given_any_more():
    desk = Desk(summary=6)
    desk.delivery.committed([row(7), row(8), row(1, EVENT)], [])
    assert [each.message_class for each in (desk.delivery.next(), desk.delivery.next())] == [EVENT, SUMMARY]
    desk.delivery.next()
    desk.take()
    desk.answer([1, 2, 3, 4, 5])
    desk.delivery.next()
    desk.delivery.dropped({SUMMARY: 3})
    desk.delivery.committed([row(9)], [])
    assert [each.seq for each in desk.take()] == [9, 4, 5]


def test_new_rows_that_were_dropped_on_disk_make_room_in_memory(monkeypatch):
    monkeypatch.setattr(delivery, "MOST_LIVE", 3)
    desk = Desk()
    desk.delivery.committed([row(1), row(2), row(3)], [])
    desk.delivery.dropped({SUMMARY: 3})
    desk.delivery.committed([row(4), row(5)], [])
    assert [(each.seq, each.late) for each in desk.take()] == [(4, False), (5, False)]


@pytest.mark.parametrize("count", [1, 3])
def test_what_nobody_has_taken_is_handed_back_when_a_new_epoch_begins(count):
    desk = Desk()
    desk.delivery.committed([row(seq) for seq in range(1, count + 2)], [])
    desk.delivery.next()
    orphans = desk.delivery.begin_epoch("next", {})
    assert [record.source for record in orphans] == [f"pump{seq}" for seq in range(2, count + 2)]
    assert desk.take() == []

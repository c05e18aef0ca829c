import time

from outboxes import summary

from gatewayd.records import Output
from gatewayd.uplink import MessageClass
from gatewayd.uplink.outbox import inbox
from gatewayd.uplink.outbox.inbox import Inbox


def test_a_new_epoch_leaves_nothing_due_of_the_one_before(monkeypatch):
    monkeypatch.setattr(inbox, "ACK_LINGER", 0.001)
    box = Inbox(1 << 20)
    box.begin_epoch("one")
    box.acked(4, "one")
    box.begin_epoch("two")
    began = time.monotonic()
    assert box.wait(0.1).batch is None
    assert time.monotonic() - began >= 0.1


def test_a_new_epoch_keeps_what_is_to_be_stored_due(monkeypatch):
    monkeypatch.setattr(inbox, "LINGER", 0.001)
    box = Inbox(1 << 20)
    box.begin_epoch("one")
    box.put(Output((summary(1),)))
    box.begin_epoch("two")
    assert box.wait(10.0).batch.rows == 1


def test_nothing_is_taken_while_older_ones_are_being_stored():
    box = Inbox(1 << 20)
    box.put(Output((summary(1),), urgent=True))
    assert box.wait(1.0).batch.rows == 1
    box.put(Output((summary(2),)))
    assert box.take(MessageClass.SUMMARY) is None
    box.store_again(0.0)
    assert [box.take(MessageClass.SUMMARY).source for _ in range(2)] == ["pump1", "pump2"]
    assert box.take(MessageClass.SUMMARY) is None


def test_what_could_not_be_stored_is_tried_again_although_it_was_taken():
    box = Inbox(1 << 20)
    box.put(Output((summary(1),), urgent=True))
    box.wait(1.0)
    box.store_again(0.0)
    box.take(MessageClass.SUMMARY)
    assert box.wait(1.0).batch is not None
    box.stored()
    assert box.wait(0.01).batch is None

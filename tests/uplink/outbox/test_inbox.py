import time

from outboxes import summary

from gatewayd.records import Output
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

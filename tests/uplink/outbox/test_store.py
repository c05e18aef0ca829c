"""The store and its ledger, without a thread around them."""

import pytest
from outboxes import MB, summary

from gatewayd.records import Output
from gatewayd.uplink import MessageClass
from gatewayd.uplink.outbox.batch import Batch, SetAside
from gatewayd.uplink.outbox.database import Damaged
from gatewayd.uplink.outbox.identity import row_id
from gatewayd.uplink.outbox.ledger import Ledger
from gatewayd.uplink.outbox.store import Predecessor, Store

SUMMARY = MessageClass.SUMMARY


@pytest.fixture
def store(tmp_path):
    made, _ = Store.begin(tmp_path / "outbox.db", MB, "first start", Predecessor())
    batch = Batch(MB)
    batch.put(Output(tuple(map(summary, range(3)))))
    made.commit(batch)
    yield made
    made.close()


def test_a_row_that_is_found_spoilt_while_its_acknowledgement_waits_is_no_damage(store):
    batch = Batch(MB)
    batch.acked.append(row_id(SUMMARY, 2))
    batch.aside.append(SetAside(row_id(SUMMARY, 2), "it was spoilt", None))
    store.commit(batch)
    assert store.ledger.accounts[SUMMARY].waiting == 2


def test_a_row_that_is_nowhere_is_damage(store):
    batch = Batch(MB)
    batch.aside.append(SetAside(row_id(SUMMARY, 7), "it was spoilt", None))
    with pytest.raises(Damaged, match="summary 7 is not where it was found"):
        store.commit(batch)


def test_an_arrival_is_taken_off_the_loss_that_covers_it_and_no_other():
    ledger = Ledger("e")
    ledger.give(SUMMARY, 40)
    ledger.lose(SUMMARY, 21, 40, 20, "full")
    ledger.arrived(SUMMARY, 1, 20, 20, "full")
    assert ledger.unreported[SUMMARY, "full"].count == 20
    ledger.arrived(SUMMARY, 21, 25, 5, "full")
    assert ledger.unreported[SUMMARY, "full"].count == 15
    assert ledger.accounts[SUMMARY].lost == 0

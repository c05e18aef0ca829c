"""The ledger of sequence numbers."""

from gatewayd_plugins.simulator.demo.ledger import Ledger


def test_numbers_in_any_order_are_complete_when_none_is_left_out():
    ledger = Ledger()
    assert all(ledger.enter("e1", "live", number) for number in (2, 1, 3))
    assert ledger.missing == 0
    assert ledger.duplicates == 0


def test_a_number_left_out_is_missing_until_it_comes():
    ledger = Ledger()
    for number in (1, 4):
        ledger.enter("e1", "live", number)
    assert ledger.missing == 2
    ledger.enter("e1", "live", 2)
    assert ledger.missing == 1


def test_every_class_and_every_epoch_counts_for_itself():
    ledger = Ledger()
    for epoch, message_class in [("e1", "live"), ("e1", "alarm"), ("e2", "live")]:
        assert ledger.enter(epoch, message_class, 1)
    assert ledger.missing == 0


def test_what_comes_twice_is_counted_and_told():
    ledger = Ledger()
    assert ledger.enter("e1", "live", 1)
    assert not ledger.enter("e1", "live", 1)
    assert ledger.duplicates == 1
    assert ledger.missing == 0

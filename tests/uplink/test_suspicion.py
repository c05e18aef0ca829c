from sample_records import ALARM

from gatewayd.uplink.row import MessageClass, Row
from gatewayd.uplink.suspicion import Suspicion


def row(number):
    return Row(number, MessageClass.EVENT, number, ALARM, late=False, epoch="e")


def test_a_row_that_was_the_first_without_an_answer_three_times_is_sent_alone_and_guilty_the_next_time():
    suspicion = Suspicion()
    assert [(suspicion.lost(row(1)), suspicion.accuses(row(1))) for _ in range(4)] == [
        (False, False),
        (False, False),
        (False, True),
        (True, True),
    ]


def test_an_answer_acquits():
    suspicion = Suspicion()
    for _ in range(3):
        suspicion.lost(row(1))
    suspicion.answered(row(2))
    assert suspicion.accuses(row(1))
    suspicion.answered(row(1))
    assert not suspicion.accuses(row(1))
    assert not suspicion.lost(row(1))


def test_another_row_begins_another_count():
    suspicion = Suspicion()
    for number in (1, 1, 2, 1, 1):
        assert not suspicion.lost(row(number))
    assert not suspicion.accuses(row(1))

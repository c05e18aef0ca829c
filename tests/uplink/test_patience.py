from gatewayd.uplink.mqtt.connection import ConnectionLostError, HungUpError, SilentError
from gatewayd.uplink.mqtt.tls import ConnectFailedError, UnansweredError
from gatewayd.uplink.patience import MOST, Patience


def test_from_the_second_silence_in_a_row_on_the_time_is_doubled_up_to_a_limit():
    patience, times = Patience(), []
    for failure in [SilentError("silent"), UnansweredError("no welcome", "is this a broker?")] * 4:
        times.append(patience.times)
        patience.ended(failure)
    assert times == [1, 1, 2, 4, 8, 8, 8, MOST]


def test_a_message_that_is_acknowledged_ends_it():
    patience = Patience()
    for _ in range(3):
        patience.ended(SilentError("silent"))
    patience.worked()
    patience.ended(SilentError("silent"))
    assert patience.times == 1


def test_a_broker_that_cannot_be_reached_or_hangs_up_is_not_waited_for_longer():
    patience = Patience()
    for failure in (ConnectFailedError("refused", "look"), HungUpError("closed"), ConnectionLostError("lost")) * 3:
        patience.ended(failure)
    assert patience.times == 1

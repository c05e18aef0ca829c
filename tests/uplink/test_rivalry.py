from gatewayd.uplink.mqtt.connection import ConnectionLostError, HungUpError
from gatewayd.uplink.mqtt.tls import ConnectFailedError
from gatewayd.uplink.rivalry import Rivalry

HUNG_UP = HungUpError("the other side closed the connection")


def told(*ends):
    """What is made of each of these ends, (failure, seconds that the connection lived)."""
    rivalry = Rivalry("hafen-01")
    return [rivalry.reason(failure, lived) for failure, lived in ends]


def test_connections_that_are_closed_soon_again_and_again_raise_the_question_whether_the_id_is_used_twice():
    reasons = told(*[(HUNG_UP, 5.0)] * 4)
    assert reasons[:2] == ["the other side closed the connection"] * 2
    assert reasons[2] == reasons[3]
    assert reasons[2] == (
        "the other side closed the connection, again and again: does another client use the id hafen-01? "
        "Each gateway needs an id of its own"
    )


def test_one_connection_that_lasts_or_a_broker_that_is_not_there_means_that_it_is_something_else():
    for other in (HUNG_UP, 100.0), (ConnectFailedError("refused", "look"), 0.0), (ConnectionLostError("silent"), 5.0):
        reasons = told(*[(HUNG_UP, 5.0)] * 2, other, *[(HUNG_UP, 5.0)] * 2)
        assert not any("hafen-01" in reason for reason in reasons)

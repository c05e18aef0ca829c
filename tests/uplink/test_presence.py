import pytest
from structlog.testing import capture_logs

from gatewayd.uplink.mqtt.broker import Broker, Tls
from gatewayd.uplink.status import Presence


@pytest.mark.parametrize(
    ("host", "tls", "told"),
    [
        ("10.0.0.1", None, 1),
        ("broker.example.com", None, 1),
        ("127.0.0.1", None, 0),
        ("::1", None, 0),
        ("localhost", None, 0),
        ("broker.example.com", Tls(), 0),
    ],
)
def test_a_broker_that_is_spoken_to_in_plain_text_over_the_network_is_warned_of_once(host, tls, told):
    presence, broker = Presence(), Broker(host=host, port=1, client_id="g", tls=tls)
    with capture_logs() as logs:
        for _ in range(3):
            presence.here(broker)
            presence.away("lost", broker)
    assert [entry["event"] for entry in logs].count("uplink_unencrypted") == told

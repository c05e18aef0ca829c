"""What a broker thinks of our own certificate is told in words, and which of our files cannot be used."""

import asyncio
import ssl

import pytest
from certificates import made_certificates
from mosquitto import running_mosquitto

from gatewayd.uplink.mqtt.broker import Broker, Tls
from gatewayd.uplink.mqtt.client import connect
from gatewayd.uplink.mqtt.connection import Message
from gatewayd.uplink.mqtt.profile import LAN
from gatewayd.uplink.mqtt.tls import ConnectFailedError, context_of, unaccepted

WILL = Message("gatewayd/g/status", b"{}", retain=True)


def broker_at(port, tls):
    return Broker(host="127.0.0.1", port=port, client_id="g", profile=LAN, tls=tls)


async def refusals(broker, words):
    """What is told until it has these words: a broker that closes at once may do so before its reason is read."""
    async with asyncio.timeout(30):
        while True:
            with pytest.raises(ConnectFailedError) as caught:
                async with connect(broker, WILL):
                    pass
            if words in str(caught.value):
                return str(caught.value)
            assert "(cert_file)" in str(caught.value)


@pytest.mark.parametrize(
    ("days", "ours", "said", "remedy"),
    [
        ("-1", "ours", "it has expired", "renew cert_file in [mqtt]"),
        ("2", "strange", "it does not know who has signed it", "check cert_file in [mqtt]"),
    ],
)
async def test_a_broker_that_does_not_accept_our_certificate_says_why(tmp_path, days, ours, said, remedy):
    for name in ("server", "ours", "strange"):
        (tmp_path / name).mkdir()
    server, own = made_certificates(tmp_path / "server"), made_certificates(tmp_path / ours, days=days)
    trusted = server.authority if ours == "strange" else own.authority
    options = f"certfile {server.certificate}", f"keyfile {server.key}", f"cafile {trusted}"
    async with running_mosquitto(tmp_path, *options, "require_certificate true") as mosquitto:
        tls = Tls(server.authority, own.certificate, own.key)
        told = await refusals(broker_at(mosquitto.port, tls), "does not accept our certificate")
    assert told.startswith(f"TLS: 127.0.0.1:{mosquitto.port} does not accept our certificate: {said}; {remedy}")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a certificate of ours"),
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", "it is revoked"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "does not accept our certificate"),
    ],
)
def test_so_do_others(reason, said):
    error = ssl.SSLError(1, reason)
    error.reason = reason
    assert said in unaccepted(error, broker_at(8883, Tls()))[0]


@pytest.mark.parametrize("error", [None, OSError(), ssl.SSLError(1, "x"), ssl.SSLZeroReturnError()])
def test_what_is_said_of_something_else_is_no_matter_of_our_certificate(error):
    assert unaccepted(error, broker_at(8883, Tls())) is None


@pytest.mark.parametrize("gone", ["authority", "certificate", "key"])
def test_only_the_file_that_is_missing_is_named(tmp_path, gone):
    made = made_certificates(tmp_path)
    getattr(made, gone).unlink()
    with pytest.raises(ConnectFailedError) as caught:
        context_of(Tls(made.authority, made.certificate, made.key))
    told = str(caught.value).partition(";")[0]
    assert told == f"TLS: cannot use {getattr(made, gone)}: No such file or directory"


def test_a_key_of_another_certificate_is_told_with_both(tmp_path):
    (tmp_path / "other").mkdir()
    made, other = made_certificates(tmp_path), made_certificates(tmp_path / "other")
    with pytest.raises(ConnectFailedError) as caught:
        context_of(Tls(made.authority, made.certificate, other.key))
    assert str(caught.value).startswith(
        f"TLS: cannot use {made.certificate}, {other.key}: the key does not belong to the certificate"
    )

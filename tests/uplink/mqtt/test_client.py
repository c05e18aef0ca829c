"""One connection against real brokers; it is also the contract with the private parts of aiomqtt that we override."""

import asyncio
import json
import socket
import ssl
import subprocess
import threading
import warnings
from contextlib import asynccontextmanager, suppress
from dataclasses import fields, replace
from shutil import copyfile

import aiomqtt
import pytest
from certificates import made_certificates
from fake_broker import CONNACK, DISCONNECT_TAKEN_OVER, broker_that_says
from fault_proxy import fault_proxy
from mosquitto import running_mosquitto
from paho.mqtt.client import Client as Paho
from ports import free_port
from receiver import receiving

from gatewayd.testing import serving
from gatewayd.uplink.mqtt.broker import Broker, Tls
from gatewayd.uplink.mqtt.client import connect
from gatewayd.uplink.mqtt.connection import ConnectionLostError, Message, RefusedError, TooLargeError, packet_size
from gatewayd.uplink.mqtt.profile import LAN, LTE
from gatewayd.uplink.mqtt.tls import ConnectFailedError, context_of

WILL = Message("gatewayd/g/status", b'{"kind":"status","status":"lost"}', retain=True)
HELLO = Message("gatewayd/g/hello", b'{"kind":"hello"}')


def broker_at(port, *, line=None, **more):
    return Broker(host="127.0.0.1", port=port, client_id="g", profile=replace(LAN, **(line or {})), **more)


@asynccontextmanager
async def connected(folder, *options, **more):
    """A connection to a mosquitto with these options, through a proxy."""
    async with (
        running_mosquitto(folder, *options) as mosquitto,
        fault_proxy(mosquitto.port) as proxy,
        connect(broker_at(proxy.port, **more), WILL) as connection,
    ):
        yield connection, proxy


async def refusal(broker):
    """What we are told when we cannot connect."""
    with pytest.raises(ConnectFailedError) as caught:
        async with connect(broker, WILL):
            pass
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *("_on_connect", "_on_publish", "_on_disconnect", "_client_connect"),
        *("_on_socket_open", "_on_socket_close", "_on_socket_register_write", "_misc_loop"),
    ],
)
def test_aiomqtt_still_has_the_private_methods_that_we_override(name):
    assert callable(getattr(aiomqtt.Client, name))


def test_paho_still_has_the_private_methods_that_we_use():
    assert callable(Paho._create_socket)
    assert callable(Paho._sock_close)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_publish_is_done_when_the_broker_has_acknowledged_it(tmp_path, protocol):
    async with running_mosquitto(tmp_path) as mosquitto, receiving(mosquitto.port) as receiver:
        async with connect(broker_at(mosquitto.port, protocol=protocol), WILL) as connection:
            answer = connection.publish(HELLO)
            assert not answer.done()
            await answer
        await receiver.until(lambda: receiver.messages)
        assert receiver.messages == [(HELLO.topic, json.loads(HELLO.payload))]


async def test_a_publish_that_the_access_rules_forbid_fails_and_the_next_one_does_not(tmp_path):
    (tmp_path / "acl").write_text("topic write gatewayd/g/hello\n")
    async with connected(tmp_path, f"acl_file {tmp_path / 'acl'}") as (connection, _):
        forbidden = connection.publish(Message("gatewayd/other/hello", b"{}"))
        allowed = connection.publish(HELLO)
        with pytest.raises(RefusedError, match="Not authorized"):
            await forbidden
        await allowed


async def test_a_message_larger_than_the_broker_takes_is_not_sent(tmp_path):
    async with connected(tmp_path, "max_packet_size 1000") as (connection, _):
        with pytest.raises(TooLargeError, match="larger than the 1000 bytes") as caught:
            await connection.publish(Message("gatewayd/g/hello", bytes(2000)))
        assert (caught.value.size, caught.value.limit) == (2024, 1000)
        largest = Message("gatewayd/g/hello", bytes(976))
        assert packet_size(largest) == 1000
        await connection.publish(largest)


async def test_a_topic_with_a_wildcard_is_refused_and_does_no_harm(tmp_path):
    async with running_mosquitto(tmp_path) as mosquitto, connect(broker_at(mosquitto.port), WILL) as connection:
        with pytest.raises(RefusedError, match="wildcards"):
            await connection.publish(Message("gatewayd/#", b"{}"))
        await connection.publish(HELLO)


async def test_no_more_is_in_flight_than_the_broker_wants(tmp_path):
    async with connected(tmp_path, "max_inflight_messages 3") as (connection, _):
        assert connection.limits.in_flight == 3
        answers = [connection.publish(HELLO) for _ in range(3)]
        await connection.room()
        assert any(answer.done() for answer in answers)


@pytest.mark.parametrize("how", ["hang_up", "reset"])
async def test_a_connection_that_is_closed_is_noticed_at_once(tmp_path, how):
    async with connected(tmp_path) as (connection, proxy):
        proxy.swallows = True
        answer = connection.publish(HELLO)
        getattr(proxy, how)()
        async with asyncio.timeout(1):
            lost = await connection.lost
        assert lost.accuses
        with pytest.raises(ConnectionLostError, match=r"the other side closed|the connection broke"):
            await answer
        with pytest.raises(ConnectionLostError):
            await connection.publish(HELLO)
        with pytest.raises(ConnectionLostError):
            await connection.room()


async def test_a_black_hole_is_noticed_by_the_keepalive(tmp_path):
    async with connected(tmp_path, line={"keepalive": 1}) as (connection, proxy):
        proxy.swallows = True
        async with asyncio.timeout(5):
            lost = await connection.lost
        assert str(lost) == "the broker is silent"
        assert not lost.accuses


async def test_who_waits_for_room_learns_of_the_loss(tmp_path):
    async with connected(tmp_path, "max_inflight_messages 1") as (connection, proxy):
        proxy.swallows = True
        connection.publish(HELLO).add_done_callback(asyncio.Future.exception)
        waiting = asyncio.create_task(connection.room())
        await asyncio.sleep(0)
        proxy.reset()
        with pytest.raises(ConnectionLostError):
            await asyncio.wait_for(waiting, 1)


async def test_more_than_the_socket_takes_at_once_arrives_whole(tmp_path):
    async with running_mosquitto(tmp_path) as mosquitto, fault_proxy(mosquitto.port) as proxy:
        async with receiving(mosquitto.port) as receiver, connect(broker_at(proxy.port), WILL) as connection:
            large = json.dumps({"kind": "large", "text": "x" * 5_000_000}).encode()
            await asyncio.gather(*(connection.publish(Message(HELLO.topic, large)) for _ in range(4)))
            await receiver.until(lambda: len(receiver.messages) == 4)
        assert [len(message["text"]) for _, message in receiver.messages] == [5_000_000] * 4


async def test_a_connection_that_breaks_while_much_is_unsent_leaves_nothing_in_the_loop(tmp_path, library_log):
    async with connected(tmp_path) as (connection, proxy):
        proxy.delay = 60
        unsent = connection.publish(Message(HELLO.topic, bytes(20_000_000)))
        watched = asyncio.get_running_loop()._selector.get_map()
        number = connection._send.__self__._wire.fileno()
        async with asyncio.timeout(10):  # until the loop waits for the socket to take more
            while not watched[number].data[1]:
                await asyncio.sleep(0.01)
        proxy.reset()
        await connection.lost
        with pytest.raises(ConnectionLostError):
            await unsent
        assert number not in watched
    assert not library_log


async def test_the_last_will_is_published_when_the_connection_breaks_and_not_when_we_leave(tmp_path):
    async with (
        running_mosquitto(tmp_path) as mosquitto,
        fault_proxy(mosquitto.port) as proxy,
        receiving(mosquitto.port) as receiver,
    ):
        async with connect(broker_at(proxy.port), WILL) as connection:
            await connection.publish(HELLO)
        async with connect(broker_at(proxy.port), WILL) as connection:
            proxy.reset()
            await connection.lost
        await receiver.until(lambda: len(receiver.messages) == 2)
        assert [message["kind"] for _, message in receiver.messages] == ["hello", "status"]


async def test_a_second_gateway_with_the_same_id_is_named_as_the_reason():
    async with (
        broker_that_says(CONNACK, DISCONNECT_TAKEN_OVER) as port,
        connect(broker_at(port), WILL) as connection,
    ):
        connection.publish(HELLO).add_done_callback(asyncio.Future.exception)
        lost = await connection.lost
        assert str(lost) == "another client uses the id g: give each gateway an id of its own"
        assert not lost.accuses


@pytest.mark.parametrize("reason", [0x89, 0x8B, 0x96, 0x97, 0x9C, 0x9F])
async def test_a_broker_that_is_busy_stops_or_moves_accuses_no_message(reason):
    async with (
        broker_that_says(CONNACK, bytes([0xE0, 2, reason, 0])) as port,
        connect(broker_at(port), WILL) as connection,
    ):
        connection.publish(HELLO).add_done_callback(asyncio.Future.exception)
        assert not (await connection.lost).accuses


async def test_no_more_bytes_are_on_their_way_than_the_line_takes_but_for_one_message(tmp_path):
    async with connected(tmp_path, line={"most_bytes": 5000}) as (connection, _):
        answers = [connection.publish(Message(HELLO.topic, bytes(size))) for size in (2000, 2000, 9000)]
        assert not connection.has_room
        await connection.room()
        assert all(answer.done() for answer in answers[:2])


async def test_nobody_listening_is_told():
    port = free_port()
    told = await refusal(broker_at(port))
    assert told.startswith(f"refused: nothing listens at 127.0.0.1:{port}; check the port in [mqtt] url")


async def test_a_name_that_does_not_exist_is_told():
    assert "no address found for 'broker.invalid'" in await refusal(
        Broker(host="broker.invalid", port=1, client_id="g")
    )


async def test_a_wrong_password_is_told(tmp_path):
    (tmp_path / "passwords").write_text("g:$7$101$bm90IGEgc2FsdA==$bm90IGEgaGFzaA==\n")
    async with running_mosquitto(tmp_path, f"password_file {tmp_path / 'passwords'}", anonymous=False) as mosquitto:
        told = await refusal(broker_at(mosquitto.port, username="g", password="wrong"))
    told, remedy = told.split("; ")
    assert told == f"127.0.0.1:{mosquitto.port} says not authorised"
    assert remedy == "check username, password_file and the broker's access rules"


async def test_a_server_of_another_kind_is_told():
    async with broker_that_says(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert str(port) in await refusal(broker_at(port, line={"welcome_limit": 0.1}))


async def test_a_server_that_says_nothing_is_told():
    async with broker_that_says() as port:
        told = await refusal(broker_at(port, line={"welcome_limit": 0.1}))
    assert told.startswith(f"127.0.0.1:{port} takes connections but does not answer; ")
    assert "is this a broker, and its port without TLS?" in told


async def test_a_broker_that_knows_only_mqtt_3_gets_a_hint_what_to_configure():
    amqtt = pytest.importorskip(
        "gatewayd_plugins.simulator.demo.broker", reason="amqtt is not installed", exc_type=ImportError
    )
    async with amqtt.serving() as port:
        assert 'it may need protocol = "3.1.1"' in await refusal(broker_at(port, line={"welcome_limit": 0.3}))
        async with connect(broker_at(port, protocol="3.1.1"), WILL) as connection:
            await connection.publish(HELLO)


async def test_tls_with_an_authority_that_we_trust_works(tmp_path):
    made = made_certificates(tmp_path)
    async with (
        running_mosquitto(tmp_path, f"certfile {made.certificate}", f"keyfile {made.key}") as mosquitto,
        connect(broker_at(mosquitto.port, tls=Tls(made.authority)), WILL) as connection,
    ):
        answers = [connection.publish(Message(HELLO.topic, bytes(9000))) for _ in range(20)]
        await asyncio.gather(*answers)


async def test_a_broker_that_wants_a_certificate_of_ours_gets_it_and_lets_nobody_else_in(tmp_path):
    made = made_certificates(tmp_path)
    server = (
        f"certfile {made.certificate}",
        f"keyfile {made.key}",
        f"cafile {made.authority}",
        "require_certificate true",
    )
    async with running_mosquitto(tmp_path, *server) as mosquitto:
        known = Tls(made.authority, made.certificate, made.key)
        async with connect(broker_at(mosquitto.port, tls=known), WILL) as connection:
            await connection.publish(HELLO)
        told = await refusal(broker_at(mosquitto.port, tls=Tls(made.authority)))
        read, unread = "wants a certificate of ours; set cert_file", "or a certificate of ours (cert_file)"
        assert read in told or unread in told, "a broker that closes at once may do so before its reason is read"


async def test_certificates_that_are_renewed_serve_from_the_next_connection_on(tmp_path):
    for name in ("ours", "strange"):
        (tmp_path / name).mkdir()
    made, strange = made_certificates(tmp_path / "ours"), made_certificates(tmp_path / "strange")
    server = (f"certfile {made.certificate}", f"keyfile {made.key}", f"cafile {made.authority}")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    async with running_mosquitto(tmp_path, *server, "require_certificate true") as mosquitto:
        broker = broker_at(mosquitto.port, tls=Tls(made.authority, certificate, key))
        for each in (strange, made):
            copyfile(each.certificate, certificate)
            copyfile(each.key, key)
            if each is strange:
                await refusal(broker)
        async with connect(broker, WILL) as connection:
            await connection.publish(HELLO)


async def test_tls_does_not_trust_a_certificate_of_an_unknown_authority(tmp_path):
    made = made_certificates(tmp_path)
    async with running_mosquitto(tmp_path, f"certfile {made.certificate}", f"keyfile {made.key}") as mosquitto:
        told = await refusal(broker_at(mosquitto.port, tls=Tls()))
    assert told.startswith(f"TLS: the certificate of 127.0.0.1:{mosquitto.port} is not accepted: ")


async def test_tls_does_not_trust_a_certificate_for_another_host(tmp_path):
    made = made_certificates(tmp_path, host="10.0.0.9")
    async with running_mosquitto(tmp_path, f"certfile {made.certificate}", f"keyfile {made.key}") as mosquitto:
        told = await refusal(broker_at(mosquitto.port, tls=Tls(made.authority)))
    assert "IP address mismatch" in told
    assert told.endswith("; url must name the broker as its certificate does")


def test_tls_is_new_enough_and_verifies_whatever_the_environment_says(tmp_path, monkeypatch):
    for name, value in (("SSLKEYLOGFILE", str(tmp_path / "keys")), ("PYTHONHTTPSVERIFY", "0")):
        monkeypatch.setenv(name, value)
    context = context_of(Tls())
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.keylog_filename is None
    assert {field.name for field in fields(Tls)} == {"ca_file", "cert_file", "key_file"}, "nothing to switch it off by"


def shake_hands(server, context):
    """Accept one client, and try."""
    client, _ = server.accept()
    with client, suppress(ssl.SSLError):
        context.wrap_socket(client, server_side=True)


async def test_tls_that_is_too_old_is_told(tmp_path):
    made = made_certificates(tmp_path)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(made.certificate, made.key)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_server(("127.0.0.1", 0)) as server:
        shaking = asyncio.create_task(asyncio.to_thread(shake_hands, server, old))
        told = await refusal(broker_at(server.getsockname()[1], tls=Tls(made.authority)))
        await shaking
    assert "it speaks no TLS that is safe (1.2 or newer)" in told


async def test_a_certificate_that_is_no_longer_valid_points_to_the_clock(tmp_path):
    made = made_certificates(tmp_path, days="-1")
    async with running_mosquitto(tmp_path, f"certfile {made.certificate}", f"keyfile {made.key}") as mosquitto:
        told = await refusal(broker_at(mosquitto.port, tls=Tls(made.authority)))
    assert told.endswith("expired; check the clock of this machine, and the certificate's dates")


def test_a_key_with_a_passphrase_is_told_and_nobody_is_asked_for_it(tmp_path):
    made = made_certificates(tmp_path)
    locked = tmp_path / "locked.key"
    lock = ["openssl", "pkey", "-aes256", "-passout", "pass:geheim", "-in", made.key, "-out", locked]
    subprocess.run(lock, check=True, capture_output=True)
    with pytest.raises(ConnectFailedError, match=r"locked\.key wants a passphrase, and nobody is there to give it"):
        context_of(Tls(made.authority, made.certificate, locked))


async def test_tls_to_a_port_without_it_is_told(tmp_path):
    made = made_certificates(tmp_path)
    async with broker_that_says(b"not tls at all") as port:
        assert "is this its TLS port?" in await refusal(broker_at(port, tls=Tls(made.authority)))


async def test_tls_to_the_plain_port_of_a_broker_is_told(tmp_path):
    async with running_mosquitto(tmp_path) as mosquitto:
        told = await refusal(broker_at(mosquitto.port, tls=Tls()))
    assert told.startswith(f"TLS: no handshake with 127.0.0.1:{mosquitto.port}: ")
    assert told.endswith("; is this its TLS port?")


async def test_tls_to_a_port_that_says_nothing_is_told(tmp_path):
    async with broker_that_says() as port:
        one = Tls(made_certificates(tmp_path).authority)  # to read all that the system trusts takes too long
        told = await refusal(broker_at(port, tls=one, line={"address_limit": 0.5}))
    assert told == f"TLS: no handshake with 127.0.0.1:{port}: no answer within 0.5 s; is this its TLS port?"


async def test_plain_text_to_a_tls_port_is_told(tmp_path):
    made = made_certificates(tmp_path)
    async with running_mosquitto(tmp_path, f"certfile {made.certificate}", f"keyfile {made.key}") as mosquitto:
        told = await refusal(broker_at(mosquitto.port))
    assert 'if this is its TLS port, url must begin with "mqtts://"' in told


async def test_a_missing_certificate_file_is_named(tmp_path):
    async with broker_that_says() as port:
        told = await refusal(broker_at(port, tls=Tls(tmp_path / "absent.pem")))
    told, remedy = told.split("; ")
    assert told == f"TLS: cannot use {tmp_path / 'absent.pem'}: No such file or directory"
    assert remedy == "check ca_file, cert_file and key_file in [mqtt]"


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".b"])
async def test_a_host_that_no_name_can_be_is_told_at_once(host):
    broker = Broker(host=host, port=1883, client_id="g")
    async with asyncio.timeout(5):
        assert (await refusal(broker)).startswith(f"no address found for {host!r}: it is not a name of a host")


async def test_a_resolver_that_never_answers_has_a_few_threads_waiting_for_it_and_no_more(monkeypatch):
    answers = threading.Event()

    def hangs(*_, **__):
        answers.wait(20)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", hangs)
    hurried = replace(LAN, address_limit=0.01)
    broker, other = (Broker(host=host, port=1, client_id="g", profile=hurried) for host in ("hangs", "other"))
    before = threading.active_count()
    try:
        told = [await refusal(broker) for _ in range(10)]
        assert threading.active_count() - before <= 3
        assert all("gave no answer within" in each for each in told[:3])
        assert all(each.startswith("3 attempts to find an address for 'hangs' have not ended;") for each in told[3:])
        assert "gave no answer within" in await refusal(other), "another host is tried"
    finally:
        answers.set()
    async with asyncio.timeout(20):
        while threading.active_count() > before:
            await asyncio.sleep(0.01)
    assert "refused" in await refusal(replace(broker, profile=LAN)), "it is tried again"


async def test_where_no_thread_can_be_started_the_attempt_fails_and_nothing_else(monkeypatch):
    def full(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", full)
    assert (await refusal(broker_at(1))).startswith("can't start new thread")


async def test_dialling_can_be_given_up_at_once():
    greeted = asyncio.Event()

    async def silent(reader, _writer):
        await reader.read(1)
        greeted.set()
        await reader.read()

    async with serving(silent) as port:
        dialling = asyncio.create_task(refusal(broker_at(port, tls=Tls())))
        await greeted.wait()
        dialling.cancel()
        _, pending = await asyncio.wait({dialling}, timeout=1)
        assert not pending


def test_the_broker_of_the_settings_has_the_port_of_its_scheme(tmp_path):
    class Settings:
        url, username, password, protocol, prefix = "mqtts://broker.example.com", "u", "p", "5", "site"
        profile = "lte"
        ca_file, cert_file, key_file = tmp_path / "ca.pem", None, None

    broker = Broker.of(Settings(), "hafen-01")
    assert (broker.host, broker.port, broker.client_id) == ("broker.example.com", 8883, "hafen-01")
    assert broker.tls == Tls(tmp_path / "ca.pem", None, None)
    assert broker.profile is LTE
    Settings.url = "mqtt://[::1]:1884"
    assert (str(Broker.of(Settings(), "g")), Broker.of(Settings(), "g").tls) == ("[::1]:1884", None)

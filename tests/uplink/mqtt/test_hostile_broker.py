"""Brokers that send more than they were asked for, too late, or want nothing: none of them costs more than itself."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fake_broker import ANNOUNCED_256_MB, CONNACK, broker_that_says, connack_with, flooding_broker
from fault_proxy import fault_proxy
from mosquitto import running_mosquitto

from gatewayd.testing import serving
from gatewayd.uplink.mqtt.answers import MOST_BYTES, MOST_SURPLUS
from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.client import IN_FLIGHT, connect
from gatewayd.uplink.mqtt.connection import Message, UnaskedError
from gatewayd.uplink.mqtt.profile import LAN
from gatewayd.uplink.mqtt.reasons import LEAST_PACKET
from gatewayd.uplink.mqtt.tls import ConnectFailedError, UnansweredError
from gatewayd.uplink.mqtt.wire import SHARE

WILL = Message("gatewayd/g/status", b'{"kind":"status","status":"lost"}', retain=True)
HELLO = Message("gatewayd/g/hello", b'{"kind":"hello"}')
PUBLISH = b"\x30\x06\x00\x01x\x00ab"
WHAT_SOCKETS_HOLD = 16 << 20
"""More than the kernel holds of a connection on this machine between its two ends."""


def broker_at(port, *, protocol="5", **line):
    return Broker(host="127.0.0.1", port=port, client_id="g", protocol=protocol, profile=replace(LAN, **line))


async def refusal(broker, kind=ConnectFailedError):
    with pytest.raises(kind) as caught:
        async with asyncio.timeout(5), connect(broker, WILL):
            pass
    return str(caught.value)


async def lost_at(port):
    """Why a connection that was let in ended."""
    async with asyncio.timeout(5), connect(broker_at(port), WILL) as connection:
        return await connection.lost


def length_of(rest):
    """The length of what follows, where it takes two bytes."""
    return bytes([0x80 | len(rest) % 128, len(rest) // 128])


@asynccontextmanager
async def turns_counted():
    """Gives a function that tells how many turns the loop has made."""
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    try:
        yield lambda: turns
    finally:
        counting.cancel()


async def test_a_welcome_as_long_as_mqtt_knows_is_not_read():
    async with flooding_broker(b"\x20" + ANNOUNCED_256_MB, bytes(65536)) as flood:
        told = await refusal(broker_at(flood.port))
    told, _ = told.split("; ", 1)
    assert (
        told == f"127.0.0.1:{flood.port} sends a packet of 268,435,460 bytes (CONNACK), where {MOST_BYTES:,} are plenty"
    )
    assert flood.taken < WHAT_SOCKETS_HOLD


@pytest.mark.parametrize("kind", [0x40, 0xD0, 0xE0])
async def test_no_answer_longer_than_there_is_reason_for_is_read(kind):
    async with flooding_broker(CONNACK + bytes([kind]) + ANNOUNCED_256_MB, bytes(65536)) as flood:
        lost = await lost_at(flood.port)
    assert isinstance(lost, UnaskedError)
    assert "of 268,435,460 bytes" in str(lost)
    assert flood.taken < WHAT_SOCKETS_HOLD


@pytest.mark.parametrize(("protocol", "told"), [("5", True), ("3.1.1", False)])
async def test_the_broker_is_told_how_long_a_packet_may_be(protocol, told):
    heard = asyncio.get_running_loop().create_future()

    async def serve(reader, _):
        heard.set_result(await reader.read(65536))

    async with serving(serve) as port:
        with pytest.raises(ConnectFailedError):
            async with connect(broker_at(port, protocol=protocol), WILL):
                pass
    assert (b"\x27" + MOST_BYTES.to_bytes(4, "big") in await heard) == told


@pytest.mark.parametrize(
    ("packet", "name"),
    [
        (PUBLISH, "PUBLISH"),
        (b"\x32\x08\x00\x01x\x00\x01\x00ab", "PUBLISH"),
        (b"\x34\x08\x00\x01x\x00\x01\x00ab", "PUBLISH"),
        (b"\x30" + ANNOUNCED_256_MB, "PUBLISH"),
        (b"\x50\x02\x00\x01", "PUBREC"),
        (b"\x62\x02\x00\x01", "PUBREL"),
        (b"\x90\x04\x00\x01\x00\x00", "SUBACK"),
        (b"\xc0\x00", "PINGREQ"),
        (b"\xf0\x00", "AUTH"),
    ],
)
async def test_what_nobody_asked_for_ends_the_connection_and_accuses_no_message(packet, name):
    async with broker_that_says(CONNACK + packet) as port:
        lost = await lost_at(port)
    assert isinstance(lost, UnaskedError)
    assert str(lost) == f"the broker sends what nobody asked for ({name})"
    assert not lost.accuses


async def test_what_is_no_packet_at_all_ends_the_connection_with_that_reason():
    async with broker_that_says(CONNACK + b"\x4f\x02\x00\x01") as port:
        assert str(await lost_at(port)) == "the broker sends what is not MQTT: a packet that begins with 0x4f"


@pytest.mark.parametrize("packet", [b"\x40\x01\x00", b"\x40\x04\x00\x01\x00\x05", b"\xd0\x01\x00"])
async def test_an_answer_that_cannot_be_read_is_not_called_a_hang_up(packet):
    async with broker_that_says(CONNACK + packet) as port:
        assert str(await lost_at(port)).startswith("the broker sends what is not MQTT")


async def test_what_was_acknowledged_before_it_counts():
    async with (
        broker_that_says(CONNACK, b"\x40\x02\x00\x01" + PUBLISH) as port,
        connect(broker_at(port), WILL) as connection,
    ):
        answer = connection.publish(HELLO)
        assert isinstance(await connection.lost, UnaskedError)
        await answer


@pytest.mark.parametrize("packet", [b"\xd0\x00", b"\x40\x02\x12\x34", b"\x40\x03\x12\x34\x00", CONNACK])
async def test_a_flood_of_answers_ends_the_connection(packet):
    async with flooding_broker(CONNACK, packet * 1000) as flood:
        lost = await lost_at(flood.port)
    assert str(lost) == "the broker answers more often than it was asked"
    assert flood.taken < WHAT_SOCKETS_HOLD


async def test_long_answers_are_read_in_small_shares_between_which_the_loop_turns(monkeypatch):
    properties = b"\x1f" + (2000).to_bytes(2, "big") + b"y" * 2000
    body = b"\x12\x34\x00" + length_of(properties) + properties
    async with (
        broker_that_says(CONNACK, (b"\x40" + length_of(body) + body) * (MOST_SURPLUS + IN_FLIGHT + 1)) as port,
        connect(broker_at(port), WILL) as connection,
        turns_counted() as turn,
    ):
        wire = connection._send.__self__._wire
        recv, turns = wire.recv, []

        def noted(size):
            data = recv(size)
            turns.append((turn(), len(data)))
            return data

        monkeypatch.setattr(wire, "recv", noted)
        for _ in range(IN_FLIGHT):  # of which paho makes that it takes as many packets at one call
            connection.publish(HELLO).add_done_callback(asyncio.Future.exception)
        assert isinstance(await connection.lost, UnaskedError)
    shares = Counter()
    for each, taken in turns:
        shares[each] += taken
    assert sum(shares.values()) > len(body) * MOST_SURPLUS
    assert max(shares.values()) <= 2 * SHARE, "the end of what was read, and the beginning of what is read then"


@pytest.mark.parametrize("silence", [1.2, 1.6])
async def test_a_broker_that_is_slower_than_its_keepalive_to_let_us_in_is_waited_for_as_long_as_was_said(
    tmp_path, silence
):
    async with running_mosquitto(tmp_path) as mosquitto, fault_proxy(mosquitto.port) as proxy:
        proxy.late_welcome = silence
        async with connect(broker_at(proxy.port, keepalive=1, welcome_limit=3.0), WILL) as connection:
            proxy.late_welcome = 0.0
            await connection.publish(HELLO)


async def test_a_broker_that_does_not_let_us_in_is_called_silent_however_short_the_keepalive_is():
    async with broker_that_says() as port:
        told = await refusal(broker_at(port, keepalive=1, welcome_limit=1.5), UnansweredError)
    assert told.startswith(f"127.0.0.1:{port} takes connections but does not answer; ")


async def test_the_broker_is_pinged_although_nothing_is_sent():
    """The keepalive begins when we are let in."""
    heard = asyncio.Event()

    async def serve(reader, writer):
        await reader.read(65536)
        writer.write(CONNACK)
        if await reader.read(65536) == b"\xc0\x00":
            heard.set()

    async with serving(serve) as port, connect(broker_at(port, keepalive=1), WILL), asyncio.timeout(5):
        await heard.wait()


@asynccontextmanager
async def broker_that_takes(size):
    async with broker_that_says(connack_with(size)) as port:
        yield port


@pytest.mark.parametrize("size", [1, 100, LEAST_PACKET - 1])
async def test_a_broker_that_takes_hardly_anything_counts_as_one_that_refuses_us(size):
    async with broker_that_takes(size) as port:
        told = await refusal(broker_at(port))
    assert told == (
        f"127.0.0.1:{port} takes no packet larger than {size} bytes, too little for an alarm; "
        f"let it take {LEAST_PACKET} at least (mosquitto: max_packet_size)"
    )


async def test_a_broker_that_takes_just_enough_is_connected_to():
    async with broker_that_takes(LEAST_PACKET) as port, connect(broker_at(port), WILL) as connection:
        assert connection.limits.size == LEAST_PACKET


async def test_a_broker_that_takes_nothing_at_all_is_refused_as_well():
    async with broker_that_takes(0) as port:
        assert str(port) in await refusal(broker_at(port))

"""The broker of the demo, asked by a real client."""

import asyncio

import aiomqtt
import pytest

from gatewayd_plugins.simulator.demo import broker


def client(port, **options):
    return aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V311, **options)


async def test_it_delivers_what_is_published_and_keeps_what_is_retained():
    async with broker.serving() as port, asyncio.timeout(10), client(port) as publisher, client(port) as listener:
        await publisher.publish("gatewayd/x/status", b"kept", qos=1, retain=True)
        await listener.subscribe("gatewayd/#", qos=1)
        await publisher.publish("gatewayd/x/summary/pump1", b"live", qos=1)
        heard = [await anext(listener.messages) for _ in range(2)]
    assert [(message.payload, message.retain) for message in heard] == [(b"kept", True), (b"live", False)]


async def test_nothing_listens_any_more_when_it_is_over():
    async with broker.serving() as port, client(port):
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)

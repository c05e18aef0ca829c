"""An MQTT broker inside this process, for a machine that has none. It speaks MQTT 3.1.1 only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter  # type: ignore[import-untyped]
from amqtt.broker import Broker  # type: ignore[import-untyped]
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType  # type: ignore[import-untyped]

LISTENER = "default"
ANYBODY = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """Run the broker on a free port of this machine; gives the port.

    The listening socket is ours, because amqtt does not tell which port it got.
    """
    listener = ListenerConfig(type=ListenerType.EXTERNAL)
    broker = Broker(BrokerConfig(listeners={LISTENER: listener}, plugins=ANYBODY))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await broker.external_connected(StreamReaderAdapter(reader), StreamWriterAdapter(writer), LISTENER)

    await broker.start()
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await broker.shutdown()

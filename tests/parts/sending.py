"""A sender at work, with waits short enough for a test."""

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import replace

from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.profile import LAN
from gatewayd.uplink.sender import Sender

BIRTH = {"version": "0.0.0", "sources": {}}


@asynccontextmanager
async def sending(outbox, port, *, protocol="5", chance=random.random, tls=None, login=(None, None), **line):
    """A sender at work; stopped as the daemon stops it."""
    profile = replace(LAN, **line)
    broker = Broker(
        host="127.0.0.1",
        port=port,
        client_id="g",
        tls=tls,
        username=login[0],
        password=login[1],
        protocol=protocol,
        profile=profile,
    )
    sent_by = Sender(outbox, broker, "g", lambda: BIRTH, backoff=Backoff(0.01, 0.05, chance))
    task = asyncio.create_task(sent_by.run(), name="sender")
    try:
        yield sent_by
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()

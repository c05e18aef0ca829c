"""The listener: a subscriber to all that the gateway sends, as any receiver upstream could be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import aiomqtt

from gatewayd_plugins.simulator.demo.narrator import Narrator
from gatewayd_plugins.simulator.demo.story import Story

TOPICS = "gatewayd/#"
FAREWELL = 3.0
"""Seconds that the gateway's last message may take when the gateway has ended."""
KEEPALIVE = 3600
"""Seconds; the broker lives in this process, there is no need to ping it."""


class Listener:
    """Hears what comes through the broker and has it entered into the story."""

    def __init__(self, story: Story, clock: Callable[[], float]) -> None:
        self.subscribed = asyncio.Event()
        self.online = asyncio.Event()
        """Set once the gateway says that it is there."""
        self._gone = asyncio.Event()
        self._story = story
        self._narrator = Narrator(story, clock)

    async def listen(self, port: int) -> None:
        """Listen for ever. Raises aiomqtt.MqttError when the broker is gone."""
        v311 = aiomqtt.ProtocolVersion.V311  # the only one that amqtt knows
        async with aiomqtt.Client("127.0.0.1", port, protocol=v311, keepalive=KEEPALIVE) as client:
            await client.subscribe(TOPICS, qos=1)
            self.subscribed.set()
            async for message in client.messages:
                self._hear(message.payload)

    async def farewell(self) -> None:
        """Wait until the gateway's status says that it is gone, for FAREWELL seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self._gone.wait()

    def _hear(self, payload: object) -> None:
        self._narrator.hear(payload if isinstance(payload, bytes) else b"")
        match self._story.status:
            case "online":
                self.online.set()
            case "offline" | "lost":
                self._gone.set()

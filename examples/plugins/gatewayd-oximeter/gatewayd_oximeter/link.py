"""The link to one oximeter: connected, notified, and what came meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError
from gatewayd.plugin import SourceError, now

CONTINUOUS = "00002a5f-0000-1000-8000-00805f9b34fb"
TEXTS = {
    "manufacturer": "00002a29-0000-1000-8000-00805f9b34fb",
    "model": "00002a24-0000-1000-8000-00805f9b34fb",
    "serial": "00002a25-0000-1000-8000-00805f9b34fb",
}
"""Of the Device Information service."""
KEPT = 600
"""Packets that wait for a poll, at most: ten minutes of one a second."""

FAILURES = (BleakError, OSError, EOFError, TimeoutError, AssertionError)
"""What bleak raises when a device, or the D-Bus, does not do as it should."""


class Link:
    """One connection, from `open` to `close`."""

    def __init__(self, address: str, adapter: str, limit: float) -> None:
        self.about: dict[str, str] = {}
        self._address = address
        self._packets: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._news = asyncio.Event()
        self._client = BleakClient(address, self._gone, timeout=limit, bluez={"adapter": adapter})

    async def open(self) -> None:
        """Connect, and have it send. Raises SourceError."""
        try:
            await self._client.connect()
            await self._introduce()
            await self._client.start_notify(CONTINUOUS, self._came)
        except FAILURES as error:
            raise SourceError(f"{self._address}: {error or type(error).__name__}") from error

    async def close(self) -> None:
        """Let go of it, whatever state it is in."""
        with suppress(*FAILURES):
            await self._client.disconnect()

    async def packets(self, limit: float) -> list[tuple[int, bytes]]:
        """What has come since the last call, each with its time; waits for something. Raises SourceError."""
        try:
            async with asyncio.timeout(limit):
                await self._news.wait()
        except TimeoutError:
            raise SourceError(f"nothing came for {limit:g} s") from None
        self._news.clear()
        came = list(self._packets)
        self._packets.clear()
        if not self._client.is_connected:
            self._news.set()
            if not came:
                raise SourceError("the connection is lost")
        return came

    async def _introduce(self) -> None:
        """What it says of itself, as far as it does."""
        for name, uuid in TEXTS.items():
            if self._client.services.get_characteristic(uuid) is not None:
                with suppress(BleakError):
                    text = await self._client.read_gatt_char(uuid)
                    self.about[name] = bytes(text).decode(errors="replace").strip("\0 ")

    def _came(self, _characteristic: BleakGATTCharacteristic, packet: bytearray) -> None:
        self._packets.append((now(), bytes(packet)))
        self._news.set()

    def _gone(self, _client: BleakClient) -> None:
        self._news.set()

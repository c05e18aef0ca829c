"""The connection to one device: made when it is needed, and given up when anything about it is in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakCharacteristicNotFoundError, BleakDBusError, BleakError, BleakGATTProtocolError

from gatewayd.plugin import SourceError, now
from gatewayd_plugins.ble.adapter.radio import Radio
from gatewayd_plugins.ble.adapter.watch import in_words
from gatewayd_plugins.ble.uuids import short

CONNECT_LIMIT = 10.0
"""Seconds that a connection may take, with all services of the device."""
READ_LIMIT = 5.0
"""Seconds that a device may take to answer."""
CLOSE_LIMIT = 1.0
"""Seconds that the end of a connection is waited for."""

TEXTS = {"2a29": "manufacturer", "2a24": "model", "2a25": "serial", "2a27": "hardware", "2a26": "firmware"}
"""What Bluetooth's Device Information service says of a device, by the digits of its characteristics."""
LONGEST_TEXT = 100

Notified = Callable[[bytes, int], None]
"""What takes a value that the device sent, and when it came."""


class Unreadable(Exception):  # noqa: N818 - the connection is well
    """A characteristic cannot be read, notified or written; the text is the reason."""


class Connection:
    """The connection to `address`. `notified` are the characteristics that the device is to send by itself."""

    def __init__(self, address: str, notified: Mapping[str, Notified]) -> None:
        self.refused: dict[str, str] = {}
        """Why characteristics cannot be notified."""
        self.about: dict[str, str] | None = None
        """What the device says of itself; None while it was not asked."""
        self.stirred = asyncio.Event()
        """Set when something has come, or the connection has ended."""
        self._address = address
        self._notified = notified
        self._client: BleakClient | None = None
        self._radio: Radio | None = None
        self._losses = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, and what it runs on was there all the time."""
        if self._client is None or self._radio is None:
            return False
        return self._client.is_connected and self._radio.losses == self._losses

    async def open(self, radio: Radio) -> None:
        """Connect anew. Raises SourceError."""
        await self.close()
        device = await radio.reach(self._address)
        self._radio, self._losses = radio, radio.losses
        radio.waiting.add(self.stirred)
        client = BleakClient(device, self._disconnected, timeout=CONNECT_LIMIT, bluez={"adapter": radio.adapter})
        try:
            async with asyncio.timeout(CONNECT_LIMIT + CLOSE_LIMIT):
                await client.connect()
        except (BleakError, OSError, EOFError, AssertionError) as error:
            raise SourceError(f"{self._address} cannot be connected to: {in_words(error)}") from error
        self._client = client
        await self._subscribe(client)
        if self.about is None:
            self.about = {}  # it is asked once: a device that cannot bear that question has no second one
            self.about = await self._texts(client)

    async def read(self, uuid: str) -> bytes:
        """A characteristic's value. Raises Unreadable, and SourceError when the connection is no good."""
        client = self._connected()
        with _Answered(self._address, f"read {short(uuid)}"):
            async with asyncio.timeout(READ_LIMIT):
                value = await client.read_gatt_char(_characteristic(client, uuid))
        self._came()
        return bytes(value)

    async def write(self, uuid: str, value: bytes) -> None:
        """Write a characteristic. Raises like `read`."""
        client = self._connected()
        with _Answered(self._address, f"write {short(uuid)}"):
            characteristic = _characteristic(client, uuid)
            async with asyncio.timeout(READ_LIMIT):
                await client.write_gatt_char(characteristic, value, response="write" in characteristic.properties)

    async def close(self) -> None:
        """Disconnect. What does not let itself be ended is left to itself."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(BleakError, OSError, EOFError, AssertionError):
                async with asyncio.timeout(CLOSE_LIMIT):
                    await client.disconnect()

    async def _subscribe(self, client: BleakClient) -> None:
        self.refused = {}
        for uuid, take in self._notified.items():
            try:
                with _Answered(self._address, f"notify {short(uuid)}"):
                    async with asyncio.timeout(READ_LIMIT):
                        await client.start_notify(_characteristic(client, uuid), self._taking(take))
            except Unreadable as why:
                self.refused[uuid] = str(why)

    async def _texts(self, client: BleakClient) -> dict[str, str]:
        told = {}
        there = {short(each.uuid): each.uuid for each in client.services.characteristics.values()}
        for digits in there.keys() & TEXTS.keys():
            with suppress(Unreadable):
                text = (await self.read(there[digits])).decode(errors="replace").strip("\0 ")
                told[TEXTS[digits]] = text[:LONGEST_TEXT]
        return {name: text for name, text in told.items() if text}

    def _taking(self, take: Notified) -> Callable[[BleakGATTCharacteristic, bytearray], None]:
        def taken(_characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
            take(bytes(value), now())
            self.stirred.set()
            self._came()

        return taken

    def _connected(self) -> BleakClient:
        if self._client is None or not self.is_open:
            raise SourceError(f"{self._address} has disconnected")
        return self._client

    def _came(self) -> None:
        if self._radio is not None:
            self._radio.came()

    def _disconnected(self, _client: BleakClient) -> None:
        self.stirred.set()


def _characteristic(client: BleakClient, uuid: str) -> BleakGATTCharacteristic:
    """The first one with this UUID. Raises BleakCharacteristicNotFoundError."""
    found = [each for each in client.services.characteristics.values() if each.uuid == uuid]
    if not found:
        raise BleakCharacteristicNotFoundError(uuid)
    return min(found, key=lambda each: each.handle)


class _Answered:
    """What bleak raises in this block becomes Unreadable, or SourceError when it says nothing of the characteristic."""

    def __init__(self, address: str, what: str) -> None:
        self._address = address
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        match error:
            case BleakCharacteristicNotFoundError():
                raise Unreadable("the device has no such characteristic") from error
            case BleakGATTProtocolError() | BleakDBusError(dbus_error="org.bluez.Error.NotSupported"):
                raise Unreadable(f"the device refuses: {in_words(error)}") from error
            case BleakError() | OSError() | EOFError() | AssertionError():
                raise SourceError(f"{self._address} does not let us {self._what}: {in_words(error)}") from error

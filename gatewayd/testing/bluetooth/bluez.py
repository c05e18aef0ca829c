"""BlueZ, as programs see it on the D-Bus: the name `org.bluez`, adapters, and the devices that these hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

import pytest
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from gatewayd.testing.bluetooth.adapter import FakeAdapter
from gatewayd.testing.bluetooth.bleak_bus import let_go
from gatewayd.testing.bluetooth.device import FakeDevice
from gatewayd.testing.bluetooth.objects import OBJECT_MANAGER, Objects
from gatewayd.testing.bluetooth.private_bus import PrivateBus, available

NAME = "org.bluez"
MONITOR = "org.bluez.AdvertisementMonitor1"
RULES = (
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'",
    f"type='signal',interface='{OBJECT_MANAGER}',member='InterfacesAdded'",
)
PATIENCE = 10.0
"""Seconds that a test waits for what should happen at once."""


class FakeBluez:
    """A `bluetoothd` on the bus that programs take for the system's (a `PrivateBus`, say), while `async with` lasts."""

    def __init__(self, adapters: Sequence[str] = ("hci0",)) -> None:
        self.adapters: dict[str, FakeAdapter] = {}
        self._names = tuple(adapters)
        self._bus: MessageBus | None = None
        self._objects: Objects | None = None

    async def start(self) -> None:
        """Be there: with all adapters plugged in, and with no device heard yet."""
        self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        self._objects = Objects(self._bus)
        for rule in RULES:
            await self._ask("AddMatch", "s", rule)
        self._bus.add_message_handler(self._overhear)
        for number, name in enumerate(self._names):
            self.adapters[name] = FakeAdapter(self._objects, name, number)
            self.adapters[name].plug_in()
        await self._bus.request_name(NAME)

    async def stop(self) -> None:
        """Be gone, as a daemon is that was killed: it says nothing more."""
        if self._bus is None or self._objects is None:
            return
        await self._objects.close()
        self._bus.disconnect()
        with suppress(OSError, EOFError):  # the bus may have gone first
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self._bus = self._objects = None
        self.adapters = {}

    async def restart(self) -> None:
        """Be killed, and be there again at once."""
        await self.stop()
        await self.start()

    def hang(self, hung: bool = True) -> None:  # noqa: FBT001, FBT002 - hang(False) reads well
        """Answer no more, or again."""
        if self._objects is not None:
            (self._objects.answering.clear if hung else self._objects.answering.set)()

    def adapter(self, name: str = "hci0") -> FakeAdapter:
        """One of the adapters."""
        return self.adapters[name]

    def device(self, address: str, name: str = "", adapter: str = "hci0") -> FakeDevice:
        """A device within reach of an adapter; the same one each time."""
        return self.adapters[adapter].device(address, name)

    async def scanned(self, adapter: str = "hci0", limit: float = PATIENCE) -> None:
        """Wait until somebody scans. Raises TimeoutError."""
        async with asyncio.timeout(limit):
            await self.adapters[adapter].scanned()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        await let_go()

    async def _ask(self, member: str, signature: str, *body: object) -> None:
        """Have the bus itself do something."""
        bus = "org.freedesktop.DBus"
        message = Message(bus, "/org/freedesktop/DBus", bus, member, signature=signature, body=list(body))
        reply = await self._bus.call(message) if self._bus else None
        if reply is None or reply.message_type is MessageType.ERROR:
            raise RuntimeError(f"the bus refused {member}")

    def _overhear(self, message: Message) -> bool:
        """Learn that a client is gone, and which patterns a passive scan looks for. Whether it is done with: no."""
        if message.message_type is not MessageType.SIGNAL:
            return False
        if message.member == "NameOwnerChanged" and not message.body[2]:
            for adapter in self.adapters.values():
                adapter.forget(message.body[0])
        if message.member == "InterfacesAdded" and MONITOR in message.body[1]:
            patterns = message.body[1][MONITOR]["Patterns"].value
            for adapter in self.adapters.values():
                adapter.watch_for(message.sender or "", patterns)
        return False


@asynccontextmanager
async def fake_bluez(adapters: Sequence[str] = ("hci0",)) -> AsyncIterator[FakeBluez]:
    """A BlueZ on a D-Bus of its own. The test is skipped where there is no `dbus-daemon`."""
    if not available():
        pytest.skip("there is no dbus-daemon (package dbus)")
    with PrivateBus():
        async with FakeBluez(adapters) as bluez:
            yield bluez

"""BlueZ: what the D-Bus says of one adapter, and when that changes. bleak does not tell (not even a restart)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from gatewayd.plugin import SourceError

SERVICE = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
DEVICE = "org.bluez.Device1"
BUS = "org.freedesktop.DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
CALL_LIMIT = 5.0
"""Seconds that BlueZ may take to answer."""
OFF = 1.0
"""Seconds for which an adapter is left off before it is switched on again."""
MISSING = {f"{BUS}.Error.UnknownObject", f"{BUS}.Error.UnknownMethod", f"{BUS}.Error.UnknownInterface"}
"""Errors that say that there is no such object, which old versions of BlueZ call by various names."""


class BluezError(SourceError):
    """BlueZ cannot be used; its text says why."""


class AdapterNews:
    """A connection to the system's D-Bus that tells of one adapter, while `async with` lasts.

    `changed` is set when something may be different; `lost` says why a scan that was begun cannot go on (a scan ends
    with whatever it runs on, and nobody says so).
    """

    def __init__(self, adapter: str) -> None:
        self.changed = asyncio.Event()
        self.lost = ""
        self._name = adapter
        self._path = f"/org/bluez/{adapter}"
        self._bus: MessageBus | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            async with asyncio.timeout(CALL_LIMIT):
                await bus.connect()
                self._bus = bus
                bus.add_message_handler(self._hear)
                for rule in self._rules():
                    await self._ask(_to_bus("AddMatch", "s", [rule]))
        except OSError as error:
            bus.disconnect()
            raise BluezError(f"the system's D-Bus cannot be reached: {error.strerror or 'no answer'}") from error
        except BaseException:  # nobody has the bus yet who could close it; it is raised again
            bus.disconnect()
            raise
        self._watch = asyncio.create_task(self._until_gone(bus), name=f"D-Bus of {self._name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bus is not None:
            self._bus.disconnect()
        if self._watch is not None:
            await asyncio.wait({self._watch}, timeout=1)
            self._watch.cancel()

    async def trouble(self) -> str:
        """Why no scan can be begun now; empty when it can."""
        self.changed.clear()
        self.lost = ""
        if self._bus is None or not self._bus.connected:
            raise BluezError("the D-Bus is gone")
        reply = await self._get(self._path, ADAPTER, "Powered")
        if isinstance(reply, str):
            return reply
        return "" if reply else f"adapter {self._name} is switched off"

    async def stopped_scanning(self) -> bool:
        """Whether BlueZ says that nobody scans actively."""
        return await self._get(self._path, ADAPTER, "Discovering") is False

    async def connected(self, device: str) -> bool:
        """Whether BlueZ holds a connection to the device of this path."""
        return await self._get(device, DEVICE, "Connected") is True

    async def power_cycle(self) -> None:
        """Switch the adapter off and on. It is not left off, even when this is broken off."""
        await self._switch(on=False)
        try:
            await asyncio.sleep(OFF)
        finally:
            await self._switch(on=True)

    async def _switch(self, *, on: bool) -> None:
        body = [ADAPTER, "Powered", Variant("b", on)]
        reply = await self._ask(Message(SERVICE, self._path, PROPERTIES, "Set", signature="ssv", body=body))
        if reply.message_type is MessageType.ERROR:
            raise BluezError(f"adapter {self._name} cannot be switched {'on' if on else 'off'}: {_words(reply)}")

    async def _get(self, path: str, interface: str, name: str) -> Any:
        """A property's value, or a text that says why there is none."""
        reply = await self._ask(Message(SERVICE, path, PROPERTIES, "Get", signature="ss", body=[interface, name]))
        if reply.message_type is not MessageType.ERROR:
            return reply.body[0].value
        if reply.error_name in MISSING:
            return f"there is no adapter {self._name}"
        if reply.error_name == f"{BUS}.Error.AccessDenied":
            return f"D-Bus does not let us talk to bluetoothd: the group bluetooth may ({_words(reply)})"
        if reply.error_name in {f"{BUS}.Error.ServiceUnknown", f"{BUS}.Error.NameHasNoOwner"}:
            return "bluetoothd does not run"
        return f"bluetoothd says: {_words(reply)}"

    async def _ask(self, message: Message) -> Message:
        if self._bus is None:
            raise BluezError("there is no connection to the D-Bus")
        try:
            async with asyncio.timeout(CALL_LIMIT):
                return await self._bus.call(message)
        except TimeoutError:
            raise BluezError(f"bluetoothd has not answered within {CALL_LIMIT:g} s") from None

    def _rules(self) -> list[str]:
        return [
            f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{SERVICE}'",
            f"type='signal',interface='{PROPERTIES}',member='PropertiesChanged',path='{self._path}'",
            f"type='signal',interface='{OBJECT_MANAGER}',member='InterfacesAdded',arg0path='{self._path}'",
            f"type='signal',interface='{OBJECT_MANAGER}',member='InterfacesRemoved',arg0path='{self._path}'",
        ]

    def _hear(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        lost = self._loss(message)
        if lost is not None:
            self.lost = self.lost or lost
            self.changed.set()

    def _loss(self, message: Message) -> str | None:
        """What a signal says that a scan cannot outlive; "" for what may be of interest, None for all else."""
        match message.member, message.body:
            case "NameOwnerChanged", [str(name), str(), str(owner)] if name == SERVICE:
                return "bluetoothd was started anew" if owner else "bluetoothd does not run"
            case "InterfacesAdded", [path, _] if path == self._path:
                return ""
            case "InterfacesRemoved", [path, interfaces] if path == self._path and ADAPTER in interfaces:
                return f"there is no adapter {self._name}"
            case "PropertiesChanged", [interface, changes, _] if interface == ADAPTER and "Powered" in changes:
                return "" if changes["Powered"].value else f"adapter {self._name} is switched off"
            case "PropertiesChanged", [interface, changes, _] if interface == ADAPTER and "Discovering" in changes:
                return None if changes["Discovering"].value else ""
        return None

    async def _until_gone(self, bus: MessageBus) -> None:
        with suppress(Exception):  # what ended it does not matter
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self.lost = "the D-Bus is gone"
        self.changed.set()


def _to_bus(member: str, signature: str, body: list[Any]) -> Message:
    return Message(BUS, "/org/freedesktop/DBus", BUS, member, signature=signature, body=body)


def _words(reply: Message) -> str:
    text = reply.body[0] if reply.body else ""
    return f"{text} ({reply.error_name})" if text else str(reply.error_name)

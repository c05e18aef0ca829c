"""A device within reach of an adapter: it advertises, can be connected to, and goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from dbus_fast import Variant

from gatewayd.testing.bluetooth.advert import Advert
from gatewayd.testing.bluetooth.characteristic import FakeCharacteristic, full_uuid
from gatewayd.testing.bluetooth.objects import Call, Interface, Objects, Properties, Refusal

DEVICE = "org.bluez.Device1"
SERVICE = "org.bluez.GattService1"
CONNECTING_TAKES = 0.01
"""Seconds."""


class Listener(Protocol):
    """The adapter that a device is within reach of."""

    path: str
    objects: Objects

    def hears(self, advert: Advert) -> bool:
        """Whether an advertisement reaches anybody by it."""


class FakeDevice:
    """One device. It is on the bus once it was heard, or connected to, and until it vanishes."""

    def __init__(self, adapter: Listener, address: str, name: str) -> None:
        self.address = address
        self.name = name
        self.connects = 0
        """How often somebody has asked for a connection."""
        self.refusal: Refusal | None = None
        """What the next ones who ask get instead of a connection."""
        self.silent = False
        """Whether those who ask for a connection get no answer at all."""
        self.connected = False
        self.adapter = adapter
        self.path = f"{adapter.path}/dev_{address.replace(':', '_')}"
        self._services: dict[str, list[FakeCharacteristic]] = {}
        self._given_up = asyncio.Event()

    def characteristic(
        self,
        uuid: str,
        value: bytes = b"",
        flags: Sequence[str] = ("read", "write", "notify"),
        service: str = "1523",
    ) -> FakeCharacteristic:
        """Give it a characteristic; to be done before it is connected to."""
        made = FakeCharacteristic(uuid, value, flags)
        self._services.setdefault(full_uuid(service), []).append(made)
        return made

    def advertise(
        self,
        *,
        manufacturer: Mapping[int, bytes] | None = None,
        services: Mapping[str, bytes] | None = None,
        rssi: int = -60,
        flags: int | None = 0x06,
    ) -> bool:
        """Send one advertisement; whether the adapter was listening. `services` may be written by four digits."""
        data = {full_uuid(uuid): value for uuid, value in (services or {}).items()}
        advert = Advert(rssi, manufacturer or {}, data, flags)
        if not self.adapter.hears(advert):
            return False
        objects = self.adapter.objects
        if self.path in objects:
            objects.change(self.path, DEVICE, advert.properties())
        else:
            self.appear(advert.properties())
        return True

    def appear(self, told: Properties | None = None) -> None:
        """Be on the bus, as a device that BlueZ remembers is without having been heard."""
        properties = {
            "Address": Variant("s", self.address),
            "AddressType": Variant("s", "random"),
            "Name": Variant("s", self.name),
            "Alias": Variant("s", self.name),
            "Adapter": Variant("o", self.adapter.path),
            "Paired": Variant("b", False),
            "Bonded": Variant("b", False),
            "Trusted": Variant("b", False),
            "Blocked": Variant("b", False),
            "LegacyPairing": Variant("b", False),
            "Connected": Variant("b", self.connected),
            "ServicesResolved": Variant("b", False),
            "UUIDs": Variant("as", list(self._services)),
            **(told or {}),
        }
        methods = {"Connect": self._connect, "Disconnect": self._disconnect}
        self.adapter.objects.put(self.path, {DEVICE: Interface(properties, methods)})

    def vanish(self) -> None:
        """BlueZ forgets it, connected or not."""
        self.drop()
        self.adapter.objects.remove(self.path)

    def drop(self) -> None:
        """Lose the connection, if there is one."""
        if not self.connected:
            return
        self.connected = False
        for each in self._characteristics():
            each.disconnected()
        self._tell(ServicesResolved=False)
        self._tell(Connected=False)

    def _characteristics(self) -> list[FakeCharacteristic]:
        return [each for group in self._services.values() for each in group]

    def _tell(self, **values: bool) -> None:
        changes = {name: Variant("b", value) for name, value in values.items()}
        self.adapter.objects.change(self.path, DEVICE, changes)

    async def _connect(self, _call: Call) -> None:
        self.connects += 1
        if self.silent:
            self._given_up.clear()
            await self._given_up.wait()
            raise Refusal("org.bluez.Error.Failed", "le-connection-canceled")
        await asyncio.sleep(CONNECTING_TAKES)
        if self.refusal is not None:
            raise self.refusal
        self.connected = True
        self._tell(Connected=True)
        self._show_services()
        self._tell(ServicesResolved=True)

    async def _disconnect(self, _call: Call) -> None:
        self._given_up.set()
        self.drop()

    def _show_services(self) -> None:
        objects = self.adapter.objects
        for number, (uuid, group) in enumerate(self._services.items()):
            path = f"{self.path}/service{0x100 * (number + 1):04x}"
            if path in objects:
                continue
            properties = {
                "UUID": Variant("s", uuid),
                "Device": Variant("o", self.path),
                "Primary": Variant("b", True),
                "Includes": Variant("ao", []),
            }
            objects.put(path, {SERVICE: Interface(properties)})
            for place, each in enumerate(group):
                each.show(objects, f"{path}/char{0x100 * (number + 1) + 2 * place + 1:04x}", path)

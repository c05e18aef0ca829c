"""A Bluetooth adapter: it can be switched off, unplugged, and be hung so that it hears nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from dbus_fast import Variant

from gatewayd.testing.bluetooth.advert import Advert, Pattern
from gatewayd.testing.bluetooth.device import FakeDevice
from gatewayd.testing.bluetooth.objects import Call, Interface, Objects, Properties, Refusal

ADAPTER = "org.bluez.Adapter1"
MONITORS = "org.bluez.AdvertisementMonitorManager1"


class FakeAdapter:
    """One adapter and the devices within its reach."""

    def __init__(self, objects: Objects, name: str, number: int) -> None:
        self.objects = objects
        self.name = name
        self.path = f"/org/bluez/{name}"
        self.devices: dict[str, FakeDevice] = {}
        self.scans = 0
        """How often a scan was begun."""
        self.switched: list[bool] = []
        """How a client has switched it, on or off, one time after the other."""
        self.hung = False
        """Whether it says that it scans and hears nothing. Being switched off and on cures it."""
        self.deaf_scan = False
        """Whether the scan hears nothing. Being stopped and begun again cures it."""
        self.refusal: Refusal | None = None
        """What those who begin a scan get instead."""
        self.filters: dict[str, Variant] = {}
        self._address = f"00:00:5E:00:53:{number:02X}"
        self._scanning: set[str] = set()
        self._patterns: dict[str, list[Pattern]] = {}
        self._powered = True
        self._begun = asyncio.Event()

    @property
    def scanning(self) -> bool:
        """Whether somebody wants to hear advertisements, actively or passively."""
        return self._powered and self.path in self.objects and bool(self._scanning or any(self._patterns.values()))

    async def scanned(self) -> None:
        """Wait until somebody scans."""
        while not self.scanning:
            self._begun.clear()
            await self._begun.wait()

    def device(self, address: str, name: str = "") -> FakeDevice:
        """A device within its reach; the same one each time."""
        if address not in self.devices:
            self.devices[address] = FakeDevice(self, address, name or address.replace(":", "-"))
        return self.devices[address]

    def hears(self, advert: Advert) -> bool:
        """Whether an advertisement reaches somebody."""
        if not self.scanning or self.hung or self.deaf_scan:
            return False
        wanted = [pattern for patterns in self._patterns.values() for pattern in patterns]
        return bool(self._scanning) or advert.matches(wanted)

    def plug_in(self) -> None:
        """Be on the bus."""
        properties = {
            "Address": Variant("s", self._address),
            "AddressType": Variant("s", "public"),
            "Name": Variant("s", self.name),
            "Alias": Variant("s", self.name),
            "Powered": Variant("b", self._powered),
            "Discovering": Variant("b", False),
            "UUIDs": Variant("as", []),
            "Roles": Variant("as", ["central", "peripheral"]),
        }
        methods = {
            "SetDiscoveryFilter": self._filter,
            "StartDiscovery": self._start,
            "StopDiscovery": self._stop,
            "RemoveDevice": self._remove,
        }
        monitors = Interface(
            {"SupportedMonitorTypes": Variant("as", ["or_patterns"]), "SupportedFeatures": Variant("as", [])},
            {"RegisterMonitor": self._register, "UnregisterMonitor": self._unregister},
        )
        self.objects.put(self.path, {ADAPTER: Interface(properties, methods, self._set), MONITORS: monitors})

    def unplug(self) -> None:
        """Be away, with all devices."""
        self._quiet()
        for device in self.devices.values():
            device.vanish()
        self.objects.remove(self.path)

    def switch(self, *, on: bool) -> None:
        """Be switched on or off by somebody else than the clients."""
        self._powered = on
        if not on:
            self._quiet()
            self.hung = False
        self._tell(Powered=on)

    def forget(self, client: str) -> None:
        """A client is gone, and its scan with it."""
        self._patterns.pop(client, None)
        self._end(client)

    def watch_for(self, client: str, patterns: list[Pattern]) -> None:
        """A client has said what it wants to hear passively."""
        if client in self._patterns:
            self._patterns[client] = patterns
            self._begun.set()

    def _quiet(self) -> None:
        self._scanning.clear()
        self._patterns.clear()
        self._tell(Discovering=False)
        for device in self.devices.values():
            device.drop()

    def _tell(self, **values: bool) -> None:
        changes: Properties = {name: Variant("b", value) for name, value in values.items()}
        self.objects.change(self.path, ADAPTER, changes)

    def _set(self, name: str, value: Any) -> None:
        if name == "Powered":
            self.switched.append(value)
            self.switch(on=value)

    async def _filter(self, call: Call) -> None:
        self.filters = call.arguments[0]

    def _check_power(self) -> None:
        if not self._powered:
            raise Refusal("org.bluez.Error.NotReady", "Resource Not Ready")

    async def _start(self, call: Call) -> None:
        self._check_power()
        if self.refusal is not None:
            raise self.refusal
        if call.sender in self._scanning:
            raise Refusal("org.bluez.Error.InProgress", "Operation already in progress")
        self.scans += 1
        self.deaf_scan = False
        self._scanning.add(call.sender)
        self._begun.set()
        self._tell(Discovering=True)

    async def _stop(self, call: Call) -> None:
        self._check_power()
        if call.sender not in self._scanning:
            raise Refusal("org.bluez.Error.Failed", "No discovery started")
        self._end(call.sender)

    def _end(self, client: str) -> None:
        if client in self._scanning:
            self._scanning.remove(client)
            self._tell(Discovering=bool(self._scanning))

    async def _register(self, call: Call) -> None:
        self.scans += 1
        self.deaf_scan = False
        self._patterns[call.sender] = []

    async def _unregister(self, call: Call) -> None:
        if self._patterns.pop(call.sender, None) is None:
            raise Refusal("org.bluez.Error.DoesNotExist", "Does Not Exist")

    async def _remove(self, call: Call) -> None:
        for device in self.devices.values():
            if device.path == call.arguments[0]:
                device.vanish()

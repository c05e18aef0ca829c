"""The scan: bleak's scanner on one adapter, which hands over what is heard as advertisements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from bleak import BleakScanner
from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from gatewayd.plugin import now
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.uuids import short

Mode = Literal["active", "passive"]

USUAL_FLAGS = (0x02, 0x04, 0x05, 0x06, 0x18, 0x1A)
"""What beacons send as their flags. BlueZ has no passive scan for everything, only for what has certain bytes."""
FLAGGED = [OrPattern(0, AdvertisementDataType.FLAGS, bytes([flags])) for flags in USUAL_FLAGS]
STATES = ("Connected", "ServicesResolved", "Paired", "Bonded", "Trusted", "Blocked")
"""What BlueZ tells of a device besides what the device advertises."""

MOST_DEVICES = 2000
"""Devices of which it is remembered what BlueZ told: phones take a new address every few minutes."""


def of_company(company: int) -> OrPattern:
    """What all manufacturer data of a company begin with."""
    return OrPattern(0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little"))


def of_service(uuid: str) -> OrPattern:
    """What all data of a service begin with; `uuid` is its full one."""
    if len(digits := short(uuid)) == 4:
        return OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID16, bytes.fromhex(digits)[::-1])
    return OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID128, bytes.fromhex(uuid.replace("-", ""))[::-1])


class Scan:
    """One scan, from `start` to `stop`; `hear` is called for each advertisement, with the device to connect to."""

    def __init__(
        self,
        adapter: str,
        mode: Mode,
        hear: Callable[[Advertisement, BLEDevice], None],
        wanted: Sequence[OrPattern] = (),
    ) -> None:
        self._hear = hear
        self._states: dict[str, tuple[object, ...]] = {}
        patterns = {"or_patterns": [*FLAGGED, *wanted]} if mode == "passive" else {}
        filters = {"DuplicateData": True}  # or BlueZ tells only of data that differ from the last
        self._scanner = BleakScanner(
            self._detected,
            scanning_mode=mode,
            bluez={"adapter": adapter, "filters": filters, **patterns},  # type: ignore[typeddict-item]
        )

    async def start(self) -> None:
        """Begin. Raises whatever bleak raises."""
        await self._scanner.start()

    async def stop(self) -> None:
        """End. Raises whatever bleak raises."""
        await self._scanner.stop()

    def _detected(self, device: BLEDevice, data: AdvertisementData) -> None:
        if self._is_advertisement(device, data):
            heard = Advertisement(
                device.address.upper(),
                now(),
                data.rssi,
                data.local_name or "",
                data.manufacturer_data,
                data.service_data,
            )
            self._hear(heard, device)

    def _is_advertisement(self, device: BLEDevice, data: AdvertisementData) -> bool:
        """Whether the device said something, or BlueZ something of the device: bleak makes no difference."""
        properties = data.platform_data[1]
        if "RSSI" not in properties:
            return False
        state = tuple(properties.get(name) for name in STATES)
        before = self._states.get(device.address)
        if len(self._states) >= MOST_DEVICES:
            self._states.clear()
        self._states[device.address] = state
        return before is None or before == state

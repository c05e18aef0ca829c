"""PUBLIC: a Bluetooth that needs no radio: a fake `org.bluez` on a D-Bus of its own, for tests of what talks to BlueZ.

    async with fake_bluez() as bluez:
        beacon = bluez.device("AA:BB:CC:DD:EE:01", "pump-1")
        ...                                                  # the program under test begins to scan
        await bluez.scanned()
        beacon.advertise(manufacturer={0x0499: b"..."}, rssi=-61)

Devices have characteristics that are read, written and notified, drop connections and vanish; adapters are switched
off, unplugged and hang; the daemon and the bus itself stop and come back. It needs `dbus-fast`, which comes with bleak,
and the program `dbus-daemon`.
"""

from __future__ import annotations

from gatewayd.testing.bluetooth.adapter import FakeAdapter
from gatewayd.testing.bluetooth.bluez import FakeBluez, fake_bluez
from gatewayd.testing.bluetooth.characteristic import FakeCharacteristic
from gatewayd.testing.bluetooth.device import FakeDevice
from gatewayd.testing.bluetooth.objects import Refusal
from gatewayd.testing.bluetooth.private_bus import PrivateBus, available

__all__ = [
    "FakeAdapter",
    "FakeBluez",
    "FakeCharacteristic",
    "FakeDevice",
    "PrivateBus",
    "Refusal",
    "available",
    "fake_bluez",
]

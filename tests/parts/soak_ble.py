"""Bluetooth for a soak: beacons that send rubbish, too, a sensor by connection, adapters that come and go."""

import asyncio
import itertools
import random
import struct
from contextlib import asynccontextmanager

from gatewayd.testing.bluetooth import fake_bluez
from gatewayd_plugins.ble.adapter import watch

BEACONS = 12
PACE = 0.01
"""Seconds from one advertisement to the next."""
SENSOR = "AA:BB:CC:DD:EE:FF"
ADAPTERS = "hci0", "hci1"
"""The sensor has the second one: on a line with beacons that are polled so often, its attempts to connect would have to
wait, for up to a minute, until the beacons can spare the time.
"""
BEACON = """\
[sources.dev{n}]
plugin = "ble"
address = "{address}"
data = "manufacturer:0x1234"
interval = "20ms"
[sources.dev{n}.fields]
c0 = {{ at = 0, type = "uint8" }}
c1 = {{ at = 1, type = "uint16" }}
[rules.dev{n}]
channel = "dev{n}.c1"
above = 990
"""
CONNECTED = f"""\
[sources.sensor]
plugin = "ble"
address = "{SENSOR}"
adapter = "hci1"
interval = "100ms"
[sources.sensor.characteristics]
c0 = {{ uuid = "2a6e", type = "int16" }}
c1 = {{ uuid = "2a6f", type = "int16", notify = true }}
"""


def address(n):
    return f"AA:BB:CC:DD:EE:{n:02X}"


class BleSite:
    """In turns the adapters are pulled out, switched off, their daemon restarted, and the sensor's connection lost."""

    sources = "".join(BEACON.format(n=n, address=address(n)) for n in range(BEACONS)) + CONNECTED

    most_waiting = 60
    """Messages that wait at most when a sample is taken: each holds a dozen blocks."""

    def __init__(self, bluez):
        self.breaks = 0
        self._bluez = bluez
        self._dice = random.Random(1)
        self._numbers = itertools.count()
        self._known = None

    async def break_off(self, number):
        match number % 4:
            case 0:
                for adapter in self._adapters():
                    adapter.unplug()
                await asyncio.sleep(PACE)
                for adapter in self._adapters():
                    adapter.plug_in()
            case 1:
                for adapter in self._adapters():
                    adapter.switch(on=False)
                await asyncio.sleep(PACE)
                for adapter in self._adapters():
                    adapter.switch(on=True)
            case 2:
                await self._bluez.restart()
            case 3:
                self._sensor().drop()
        self.breaks += 1

    def amiss(self):
        """What the gateway has not taken up again."""
        deaf = [adapter.name for adapter in self._adapters() if not adapter.scanning]
        return deaf if self._sensor().connected else [*deaf, SENSOR]

    def _adapters(self):
        return list(self._bluez.adapters.values())

    async def advertise(self):
        while True:
            await asyncio.sleep(PACE)
            if len(self._bluez.adapters) == len(ADAPTERS):
                self._send(next(self._numbers))

    def _send(self, number):
        data = struct.pack("<BH", number % 7, number % 1000)
        if self._dice.random() < 0.1:
            data = self._dice.randbytes(self._dice.randrange(12))
        self._bluez.device(address(number % BEACONS)).advertise(manufacturer={0x1234: data})
        sensor = self._sensor()
        if number % 10 == 0:
            sensor.advertise(manufacturer={1: b"x"})
        self._told.notify(struct.pack("<h", number % 1000))

    def _sensor(self):
        device = self._bluez.device(SENSOR, adapter=ADAPTERS[1])
        if device is not self._known:
            self._known = device
            device.characteristic("2a6e", struct.pack("<h", 2150), ["read"])
            self._told = device.characteristic("2a6f", b"\0\0", ["read", "notify"])
        return device


@asynccontextmanager
async def ble_site(_folder):
    watch.RETRY, before = 0.05, watch.RETRY
    try:
        async with fake_bluez(ADAPTERS) as bluez:
            site = BleSite(bluez)
            advertising = asyncio.create_task(site.advertise(), name="beacons")
            try:
                yield site
            finally:
                advertising.cancel()
                await asyncio.wait({advertising})
    finally:
        watch.RETRY = before

"""The conformance suite on the `ble` source, on a fake BlueZ."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from gatewayd.testing import conformance
from gatewayd.testing.bluetooth import available, fake_bluez

ADDRESS = "CB:B8:33:4C:88:4F"
DATA = bytes.fromhex("03291A1ECE1EFC18F94202CA0B53")


@asynccontextmanager
async def tag():
    async with fake_bluez() as bluez:
        advertising = asyncio.create_task(advertise(bluez))
        try:
            yield {"address": ADDRESS, "format": "ruuvi", "channels": ["temperature", "rssi", "age"]}
        finally:
            advertising.cancel()
            await asyncio.wait({advertising})


async def advertise(bluez):
    device = bluez.device(ADDRESS, "tag")
    while True:
        device.advertise(manufacturer={0x0499: DATA})
        await asyncio.sleep(0.01)


@pytest.mark.campaign
@pytest.mark.skipif(not available(), reason="there is no dbus-daemon (package dbus)")
class TestHeard(conformance("ble", tag)):
    """All of the suite, each test with a bus and a BlueZ of its own."""

    @pytest.mark.skip(reason="bleak keeps one connection to D-Bus for as long as a program lives")
    def test_it_leaves_nothing_behind(self):
        pass


TestDeclared = conformance("ble", address=ADDRESS, format="bthome", channels=["temperature", "door", "temperature_2"])

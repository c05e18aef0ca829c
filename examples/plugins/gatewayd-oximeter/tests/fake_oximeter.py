"""An oximeter on the imitated Bluetooth of gatewayd's kit: it sends a measurement every few milliseconds."""

import asyncio
from contextlib import asynccontextmanager

from gatewayd.testing.bluetooth import fake_bluez

ADDRESS = "00:1C:05:12:34:56"
USUAL = bytes([0x00, 97, 0, 63, 0])
EVERY = 0.01


class FakeOximeter:
    """`packet` is what it sends."""

    def __init__(self, bluez):
        self.packet = USUAL
        self.device = bluez.device(ADDRESS, "oximeter")
        self.measured = self.device.characteristic("2A5F", flags=["notify"], service="1822")
        self.device.characteristic("2A24", b"Finger 3\0", flags=["read"], service="180A")

    async def run(self):
        while True:
            if not self.measured.notify(self.packet):
                self.device.advertise(services={"1822": b""})
            await asyncio.sleep(EVERY)


@asynccontextmanager
async def oximeter():
    """It is there while this is entered."""
    async with fake_bluez() as bluez:
        fake = FakeOximeter(bluez)
        task = asyncio.create_task(fake.run(), name="oximeter")
        try:
            yield fake
        finally:
            task.cancel()
            await asyncio.wait({task})

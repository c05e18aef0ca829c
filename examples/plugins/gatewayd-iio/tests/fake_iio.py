"""An accelerometer that is none: a tree like /sys/bus/iio/devices, and a FIFO for its device node.

It fills the FIFO while `buffer/enable` is 1, as the kernel's driver would.
"""

import asyncio
import os
import struct
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from gatewayd.plugin import now

RATE = 1000.0
LOOK = 0.001
EARLIER = 20_000_000_000
"""ns: it is quicker than its times say, and these must not come to be in the future."""


class Accelerometer:
    """12 bits left-aligned in 16, little endian, three axes and a timestamp: the n-th scan is (n, -n, 1000)."""

    def __init__(self, folder, *, newer=False, times=True):
        self.sysfs, self.nodes = folder / "devices", folder / "dev"
        self.folder = self.sysfs / "iio:device0"
        self.buffer = self.folder / ("buffer0" if newer else "buffer")
        self.elements = self.buffer if newer else self.folder / "scan_elements"
        self.begun = now() - EARLIER
        """When the first scan was taken."""
        self.scans = 0
        self.skips = set()
        """Numbers of scans that are lost."""
        self.silent = False
        self._times = times
        self._lay_out()

    def _lay_out(self):
        self.nodes.mkdir(parents=True)
        for path in (self.buffer, self.elements, self.folder / "trigger"):
            path.mkdir(parents=True, exist_ok=True)
        self.write("name", "adxl345")
        self.write("sampling_frequency", "100")
        self.write("in_accel_scale", "0.01")
        self.write("in_accel_x_offset", "10")
        self.write("trigger/current_trigger", "")
        self.write("current_timestamp_clock", "realtime")
        for name, text in (("enable", "0"), ("length", "2"), ("watermark", "1")):
            (self.buffer / name).write_text(text)
        for index, axis in enumerate("xyz"):
            self._element(f"in_accel_{axis}", index, "le:s12/16>>4")
        if self._times:
            self._element("in_timestamp", 3, "le:s64/64>>0")
        os.mkfifo(self.nodes / "iio:device0")

    def _element(self, name, index, kind):
        for what, text in (("en", "1"), ("index", str(index)), ("type", kind)):
            (self.elements / f"{name}_{what}").write_text(text)

    def write(self, name, text):
        (self.folder / name).write_text(f"{text}\n")

    def read(self, name):
        return (self.folder / name).read_text().strip()

    def readers(self):
        """How often the node is open in this process, by us as well."""
        node = str(self.nodes / "iio:device0")
        return [os.path.realpath(path) for path in Path("/proc/self/fd").iterdir()].count(node)

    @property
    def options(self):
        return {"device": "adxl345", "sysfs": str(self.sysfs), "nodes": str(self.nodes), "values": 64}

    def scans_of(self, count):
        """The next scans, with their padding; those of axes that are off are left out."""
        on = [axis for axis in "xyz" if (self.elements / f"in_accel_{axis}_en").read_text().strip() == "1"]
        return b"".join(self._scan(on) for _ in range(count))

    def _scan(self, on):
        number, self.scans = self.scans, self.scans + 1
        values = {"x": number % 2000, "y": -(number % 2000), "z": 1000}
        data = b"".join(struct.pack("<h", values[axis] << 4) for axis in on)
        if self._times:
            data += bytes(-len(data) % 8) + struct.pack("<q", self.begun + number * 1_000_000)
        return b"" if number in self.skips else data

    async def run(self):
        node = os.open(self.nodes / "iio:device0", os.O_RDWR | os.O_NONBLOCK)
        try:
            while True:
                if (self.buffer / "enable").read_text().strip() == "1" and not self.silent:
                    with suppress(BlockingIOError):
                        os.write(node, self.scans_of(16))
                await asyncio.sleep(LOOK)
        finally:
            os.close(node)


@asynccontextmanager
async def accelerometer(folder, **traits):
    """Runs while it is entered."""
    device = Accelerometer(folder, **traits)
    task = asyncio.create_task(device.run(), name="accelerometer")
    try:
        yield device
    finally:
        task.cancel()
        await asyncio.wait({task})
        for path in (device.nodes / "iio:device0", device.folder / "name"):
            path.unlink(missing_ok=True)

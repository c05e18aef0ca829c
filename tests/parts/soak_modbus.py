"""Modbus devices for a soak: their values change, some answers are none, and their connections can be broken off."""

import asyncio
import itertools
import random
import struct
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager

from modbus_rtu import FAULTS, Pty, Slave
from modbus_tcp import tcp_device

DEVICES = 16
SPOILT = 0.005
"""The share of answers that are none. Most cost the time-out, and samples are taken when all devices are well."""
SOURCE = """\
[sources.dev{n}]
plugin = "modbus"
url = "{url}"
interval = "{interval}"
timeout = "{timeout}"
[sources.dev{n}.channels]
c0 = {{ register = "holding:0", type = "{kind}" }}
c1 = {{ register = "holding:2", type = "{kind}" }}
[rules.dev{n}]
channel = "dev{n}.c1"
above = 990
"""


def sources(urls, kind="float32", interval="20ms", timeout="500ms"):
    """A source and a rule for each."""
    return "".join(
        SOURCE.format(n=n, url=url, kind=kind, interval=interval, timeout=timeout) for n, url in enumerate(urls)
    )


class TcpDevice:
    """Two float32 that change. What is wrong with an answer shows, or there is none."""

    def __init__(self, seed, spoilt=SPOILT):
        self.hung_up = 0
        self.hangs_up = False
        self._dice = random.Random(seed)
        self._spoilt = spoilt
        self._numbers = itertools.count()

    def answer(self, asked):
        number = next(self._numbers)
        data = struct.pack(">2f", number % 7, number % 1000)[2 * asked.address :][: 2 * asked.count]
        good = asked.answer(body=bytes([asked.function, len(data)]) + data)
        if self.hangs_up:
            self.hangs_up = False
            self.hung_up += 1
            return None
        return good if self._dice.random() > self._spoilt else self._bad(asked, good)

    def _bad(self, asked, good):
        return self._dice.choice([
            b"",  # silence
            asked.answer(body=bytes([asked.function | 0x80, 4])),
            self._dice.randbytes(30),
            bytes([good[0] ^ 1]) + good[1:],  # the answer to another request
            None,  # it hangs up
        ])  # fmt: skip


class TcpSite:
    """Devices on TCP. To break one off is to have it hang up instead of an answer."""

    most_waiting = 60
    """Messages that wait at most when a sample is taken: each holds a dozen blocks."""

    def __init__(self, devices, urls):
        self._devices = devices
        self.sources = sources(urls)

    @property
    def breaks(self):
        return sum(device.hung_up for device in self._devices)

    def amiss(self):
        return []

    async def break_off(self, number):
        device = self._devices[number % len(self._devices)]
        device.hangs_up = True
        while device.hangs_up:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def tcp_site(_folder, devices=DEVICES, spoilt=SPOILT):
    devices = [TcpDevice(n, spoilt) for n in range(devices)]
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(tcp_device(device.answer)) for device in devices]
        yield TcpSite(devices, urls)


class RtuDevice(Slave):
    """Registers that change, on a serial port that can be pulled out and put in again."""

    def __init__(self, path, seed):
        super().__init__(unit1=self._moody)
        self.requests = deque(maxlen=1)
        self._numbers = itertools.count()
        self._path = path
        self._dice = random.Random(seed)
        self._pty = None

    def register(self, unit, address):
        return next(self._numbers) % (7 if address == 0 else 1000)

    def plug_in(self):
        self._pty = Pty(self)
        fresh = self._path.with_suffix(".new")
        fresh.symlink_to(self._pty.path)
        fresh.replace(self._path)

    def unplug(self):
        self._pty.unplug()

    def _moody(self, request, answer):
        if self._dice.random() > SPOILT:
            return [answer]
        fault = self._dice.choice(["silent", "bad crc", "short", "noise before", "noise only", "split", "exception"])
        return FAULTS[fault](request, answer)


class RtuSite:
    """Devices on serial lines, each on its own."""

    most_waiting = 60
    """Messages that wait at most when a sample is taken: each holds a dozen blocks."""

    def __init__(self, devices, paths):
        self.breaks = 0
        self._devices = devices
        self.sources = sources([f"rtu:{path}?baudrate=115200" for path in paths], kind="uint16", interval="30ms")

    def amiss(self):
        return []

    async def break_off(self, number):
        device = self._devices[number % DEVICES]
        device.unplug()
        device.plug_in()
        self.breaks += 1


@asynccontextmanager
async def rtu_site(folder):
    paths = [folder / f"tty{n}" for n in range(DEVICES)]
    devices = [RtuDevice(path, n) for n, path in enumerate(paths)]
    for device in devices:
        device.plug_in()
    try:
        yield RtuSite(devices, paths)
    finally:
        for device in devices:
            device.unplug()

"""Who reads bursts of a device, and what is in them."""

from contextlib import asynccontextmanager

import numpy as np
from burst_device import BurstDevice, BurstSlave, burst_device
from modbus_rtu import on_converter, on_pty
from modbus_source import configured, reading

from gatewayd.plugin import Quality

FIRST = list(range(-512, 512))
SECOND = list(range(512, -512, -1))
WAVE = {"register": "holding:1000", "count": 1024, "type": "int16", "scale": 0.0048, "rate": 6400}
SEQUENCE, READY, RATE = 998, 5, 990
TORN = "overwritten while it was read"


def wave(url, source=None, **changed):
    return configured(url, {"x": {**WAVE, **changed}}, **(source or {}))


@asynccontextmanager
async def on_serial_port():
    device = BurstDevice()
    async with on_pty(BurstSlave(device)) as url:
        yield device, url


@asynccontextmanager
async def behind_converter():
    device = BurstDevice()
    async with on_converter(BurstSlave(device)) as url:
        yield device, url


@asynccontextmanager
async def recorded(**changed):
    """A device with the first burst, and who reads it."""
    async with burst_device() as (device, url), reading(wave(url, **changed)) as reader:
        device.hold(1000, FIRST)
        yield device, reader


async def burst(reader):
    """The good burst of one poll, as raw numbers; None: there is no new one."""
    given = await reader.block()
    if not given:
        return None
    (wave,) = given
    assert (wave.channel, wave.quality, wave.reason, wave.gap, wave.clipped) == ("x", Quality.GOOD, "", False, False)
    return np.round(wave.values / 0.0048).astype(int).tolist()


async def bad(reader):
    """Why the burst of one poll is bad."""
    (wave,) = await reader.block()
    assert wave.quality is Quality.BAD
    assert np.isnan(wave.values).all()
    return wave.reason


def swapping(device, *bursts, at=1500, sequence=None):
    """The device has the next of the bursts whenever the block at this address is about to be read."""
    left = list(bursts)

    def swap(address):
        if address == at and left:
            device.hold(1000, left.pop(0))
            if sequence is not None:
                device.registers[sequence] = (device.registers[sequence] + 1) % 65536

    device.before_read = swap

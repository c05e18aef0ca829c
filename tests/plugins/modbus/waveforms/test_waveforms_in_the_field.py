"""Waveforms as the gateway reads them: next to single values, on slow lines, all the way to the engine."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest
from burst_device import BurstDevice, BurstSlave, burst_device
from fake_field import FakeField
from modbus_rtu import on_converter
from modbus_source import configured
from modbus_time import simulate_with_sockets

from gatewayd.model import Burst
from gatewayd.plugin import Quality
from gatewayd.sources import State

WAVE = {
    "register": "holding:1000",
    "count": 1024,
    "type": "int16",
    "scale": 0.0048,
    "rate": 6400,
    "range": [-157.2864, 157.2816],
    "sequence": "holding:998",
}
SINE = np.round(20_000 * np.sin(2 * np.pi * 100 * np.arange(1024) / 6400)).astype(int).tolist()


def bursts(field):
    return [item for item in field.fed if isinstance(item, Burst)]


@asynccontextmanager
async def polled(device, url, until, **changed):
    """What comes of a source with a waveform and a single value, until that is true."""
    channels = {"x": {**WAVE, **changed}, "level": {"register": "holding:7", "interval": "20ms"}}
    field = FakeField({"pump": configured(url, channels)}, interval=0.05)
    async with field.running(), asyncio.timeout(10):
        while not until(field):
            await asyncio.sleep(0.01)
        yield field


async def test_a_waveform_becomes_a_burst_that_ended_with_its_poll():
    async with burst_device() as (device, url):
        device.hold(1000, SINE)
        async with polled(device, url, bursts) as field:
            burst, *_ = bursts(field)
    group = next(n for n, each in enumerate(field.plan.groups) if not each.channels)
    outcome = next(each for each in field.polled("pump") if each.group == group)
    assert field.plan.channels[burst.channel].name == "pump.x"
    assert (burst.rate, burst.quality, burst.gap, burst.clipped) == (6400.0, Quality.GOOD, False, False)
    assert burst.time == outcome.time - round(1023 / 6400 * 1e9)
    np.testing.assert_array_equal(burst.values, (np.array(SINE) * 0.0048).astype(np.float32))


@pytest.mark.parametrize("extreme", [-32768, 32767])
async def test_a_sensor_at_the_end_of_its_range_is_told(extreme):
    async with burst_device() as (device, url):
        device.hold(1000, [*SINE[:-1], extreme])
        async with polled(device, url, bursts) as field:
            status = field.status("pump")
    assert bursts(field)[0].clipped
    assert (status.flawed, status.bad) == ({"x": "is clipped"}, {})


async def test_a_burst_that_cannot_be_had_leaves_the_single_values_alone():
    async with burst_device() as (device, url):

        def overwrite(address):
            device.registers[998] += address == 1500

        device.before_read = overwrite
        async with polled(device, url, lambda field: len(bursts(field)) >= 3) as field:
            status = field.status("pump")
            levels = [each for each in field.answered("pump") if each.qualities.tolist() == [Quality.GOOD]]
    assert {(each.quality, each.reason) for each in bursts(field)} == {(Quality.BAD, "overwritten while it was read")}
    assert (status.state, status.failed) == (State.OK, 0)
    assert status.bad == {"x": "overwritten while it was read"}
    assert len(levels) >= 2


# --- a slow line --------------------------------------------------------------------------------------------------

BAUD = 19200
SILENCE = 0.00201
"""Seconds between two frames at 19200 baud: 3.5 characters."""


def on_the_wire(request, answer):
    return [(len(request) + len(answer)) * 11 / BAUD + 2 * SILENCE, answer]


async def next_to_a_waveform(every, seconds):
    """A waveform of 1024 registers, and a neighbour on the same line with one poll a second."""
    device = BurstDevice()

    def overwrite(address):
        device.registers[998] = (device.registers[998] + (address == 7)) % 65536

    device.before_read = overwrite
    slave = BurstSlave(device, on_the_wire)
    slave.modes[2] = on_the_wire
    async with on_converter(slave) as url:
        waves = configured(url, {"x": {**WAVE, "interval": every}})
        neighbour = configured(url, {"level": "holding:7"}, unit=2)
        return await FakeField({"waves": waves, "neighbour": neighbour}, interval=1.0).run(seconds)


@pytest.mark.parametrize("every", ["10s", "1400ms"])
def test_a_waveform_on_a_slow_line_is_in_time_and_costs_its_neighbour_a_poll_at_most(every):
    field = simulate_with_sockets(next_to_a_waveform(every, 40.5))
    waves, neighbour = field.status("waves"), field.status("neighbour")
    assert {each.quality for each in bursts(field)} == {Quality.GOOD}
    assert len(bursts(field)) == waves.polls
    assert waves.duration == pytest.approx(1.3, abs=0.1)
    assert waves.missed <= waves.polls * 0.05
    assert neighbour.failed == 0
    assert neighbour.missed <= waves.polls + 1
    assert max(np.diff([each.time / 1e9 for each in field.answered("neighbour")])) < 2.5


def test_a_poll_may_take_the_full_time_of_all_its_requests():
    field = simulate_with_sockets(from_a_device_that_takes_its_time())
    burst, *_ = bursts(field)
    assert burst.quality is Quality.GOOD
    assert field.status("waves").duration == pytest.approx(11 * 0.95, abs=0.5)


async def from_a_device_that_takes_its_time():
    async with on_converter(BurstSlave(BurstDevice(), lambda _request, answer: [0.95, answer])) as url:
        return await FakeField({"waves": configured(url, {"x": WAVE})}, interval=60.0).run(30)

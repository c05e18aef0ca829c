"""From the registers of a device to the features in its summary, with the config that an integrator writes."""

import asyncio

import numpy as np
import pytest
from burst_device import burst_device

from gatewayd import clock
from gatewayd.config import load
from gatewayd.engine.engine import Engine
from gatewayd.model import Burst
from gatewayd.records import Summary
from gatewayd.sources import Field

CONFIG = """
[gateway]
id = "x"
[mqtt]
url = "mqtt://localhost"

[sources.pump1]
plugin = "modbus"
url = "URL"
interval = "50ms"
[sources.pump1.channels.acceleration]
register = "holding:1000"
count = 1024
type = "int16"
scale = 0.0048
unit = "m/s2"
rate = "holding:990"
range = [-157.2864, 157.2816]
sequence = "holding:998"

[features.vibration]
channels = ["pump1.acceleration"]
compute = ["rms", "peak", "velocity_rms(20, 1000)", "dominant_frequency"]
"""
RATE = 6400
TONE = 100.0
"""It lies on a bin of the spectrum."""
PEAK = 20_000


async def summary(tmp_path, device, url, bursts, meanwhile=lambda: None):
    """What the engine says of so many bursts, by the channel's name."""
    path = tmp_path / "gatewayd.toml"
    path.write_text(CONFIG.replace("URL", url))
    config = load(path)
    engine = Engine(config.plan, "boot-1")
    done = asyncio.Event()
    seen = 0

    def feed(item):
        nonlocal seen
        engine.feed(item)
        seen += isinstance(item, Burst)
        device.registers[998] += isinstance(item, Burst)
        meanwhile()
        if seen == bursts:
            done.set()

    task = asyncio.create_task(Field(config.sources.values(), config.plan, feed).run())
    async with asyncio.timeout(10):
        await done.wait()
    task.cancel()
    await asyncio.wait({task})
    (record,) = [each for each in engine.stop(clock.now()).records if isinstance(each, Summary)]
    return {channel.name: channel for channel in record.channels}


def hold(device, raw):
    device.hold(1000, np.round(raw).astype(int).tolist())
    device.registers[990] = RATE


async def test_a_tone_in_the_registers_is_what_its_features_say(tmp_path):
    async with burst_device() as (device, url):
        hold(device, PEAK * np.sin(2 * np.pi * TONE * np.arange(1024) / RATE))
        told = await summary(tmp_path, device, url, bursts=3)
    peak = PEAK * 0.0048
    features = {name.removeprefix("acceleration."): each for name, each in told.items() if "." in name}
    assert told["acceleration"].count == 3
    assert {each.count for each in features.values()} == {3}
    means = {name: each.mean for name, each in features.items()}
    assert means == {
        "rms": pytest.approx(peak / np.sqrt(2), rel=1e-4),
        "peak": pytest.approx(peak, rel=1e-3),
        "velocity_rms(20, 1000)": pytest.approx(1000 * peak / np.sqrt(2) / (2 * np.pi * TONE), rel=1e-2),
        "dominant_frequency": pytest.approx(TONE, rel=1e-5),
    }


async def test_an_overdriven_sensor_is_counted_and_its_features_are_still_there(tmp_path):
    async with burst_device() as (device, url):
        hold(device, np.clip(3 * PEAK * np.sin(2 * np.pi * TONE * np.arange(1024) / RATE), -32768, 32767))
        told = await summary(tmp_path, device, url, bursts=2)
    assert (told["acceleration"].count, told["acceleration"].clipped) == (2, 2)
    assert told["acceleration.peak"].max == pytest.approx(157.2864)


async def test_a_burst_that_the_device_refuses_is_counted_as_bad_with_all_its_features(tmp_path):
    async with burst_device() as (device, url):
        hold(device, np.zeros(1024))
        device.refused = {1999}
        told = await summary(tmp_path, device, url, bursts=2)
    reason = "exception 2: illegal data address, at holding:1875"
    assert {(each.count, each.bad, each.reason) for each in told.values()} == {(0, 2, reason)}

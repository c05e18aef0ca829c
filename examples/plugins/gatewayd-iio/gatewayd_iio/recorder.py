"""The recorder: bursts of a device that is set up, with the pace at which their scans were taken."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from gatewayd.plugin import SourceError
from numpy.typing import NDArray

from gatewayd_iio.device import TIMESTAMP, Device
from gatewayd_iio.scan import Layout
from gatewayd_iio.stream import Stream

LONG_STEP = 1.5
"""Times the usual step between two scans: more is a gap."""
PLAUSIBLE = 0.2
"""The part by which a sensor's clock may be off its nominal rate: a MEMS oscillator is within a few per cent."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Burst:
    """Scans that were taken one after the other.

    `values` are by channel, in the channel's unit; `begun` is the time of the first in nanoseconds of CLOCK_BOOTTIME,
    None if it is not known; `gap`: some are missing.
    """

    values: Mapping[str, NDArray[np.float64]]
    rate: float
    begun: int | None
    gap: bool


class Recorder:
    """A device whose buffer holds `channels`, and its open node."""

    def __init__(self, device: Device, layout: Layout, stream: Stream, channels: tuple[str, ...]) -> None:
        self.device = device
        self._layout = layout
        self._stream = stream
        self._scales = {channel: device.scale(channel) for channel in channels}

    async def burst(self, count: int) -> Burst:
        """So many scans; the buffer is on only for as long as they take."""
        self._stream.drain()
        await asyncio.to_thread(self.device.switch, on=True)
        try:
            data = await self._stream.read(count * self._layout.size)
        finally:
            await asyncio.to_thread(self._switch_off)
        raw = self._layout.numbers(data)
        times = raw.get(TIMESTAMP)
        rate, gap = pace(times, self.device.rate)
        begun = int(times[0]) if times is not None and self.device.on_boot_time else None
        values = {
            channel: (raw[channel].astype(np.float64) + offset) * scale
            for channel, (offset, scale) in self._scales.items()
        }
        return Burst(values, rate, begun, gap)

    async def close(self) -> None:
        """Let go of the node, and switch the device off."""
        self._stream.close()
        await asyncio.to_thread(self._switch_off)

    def _switch_off(self) -> None:
        """That this fails tells less than what happened before."""
        try:
            self.device.switch(on=False)
        except SourceError:
            return


def pace(times: Numbers | None, nominal: float) -> tuple[float, bool]:
    """The rate in Hz, measured where there are times that fit the nominal one, and whether scans are missing."""
    measured, gap = (math.nan, False) if times is None else _measured(times)
    believable = math.isfinite(measured) and not abs(measured - nominal) > PLAUSIBLE * nominal  # nominal may be NaN
    if believable:
        return measured, gap
    if not nominal > 0:
        raise SourceError("the device tells neither its rate nor the times of its scans")
    return nominal, gap


def _measured(times: Numbers) -> tuple[float, bool]:
    steps = np.diff(times)
    usual = float(np.median(steps))
    if usual <= 0:
        return math.nan, False
    gap = bool((steps > LONG_STEP * usual).any())
    step = usual if gap else float(times[-1] - times[0]) / len(steps)
    return 1e9 / step, gap

"""The recorder: bursts of a device that is set up, with the pace at which their scans were taken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gatewayd.plugin import SourceError
from numpy.typing import NDArray

from gatewayd_iio.device import TIMESTAMP, Device
from gatewayd_iio.scan import Layout
from gatewayd_iio.stream import Stream
from gatewayd_iio.threads import to_the_end

LONG_STEP = 1.5
"""Times the usual step between two scans: more is a gap, but when the next one makes up for it: one was late."""
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
    """Records bursts of `channels` (`in_accel_x`) of a device, at `rate` and by `trigger` if they are given."""

    def __init__(
        self, device: Device, node: Path, channels: tuple[str, ...], rate: float | None, trigger: str | None
    ) -> None:
        self.device = device
        self._node = node
        self._channels = channels
        self._rate = rate
        self._trigger = trigger

    async def burst(self, count: int) -> Burst:
        """So many scans. The kernel gives a device to one reader at a time: it is ours for as long as they take."""
        stream = Stream(self._node)
        try:
            layout = await to_the_end(self._set_up, count)
            stream.drain()
            data = await self._record(stream, count * layout.size)
        finally:
            stream.close()
        return await to_the_end(self._burst, layout.numbers(data))

    def _set_up(self, count: int) -> Layout:
        return self.device.set_up(self._channels, self._rate, count, self._trigger)

    async def _record(self, stream: Stream, size: int) -> bytes:
        try:
            await to_the_end(self.device.switch, on=True)
            return await stream.read(size)
        finally:
            await to_the_end(self._switch_off)

    def _burst(self, raw: Mapping[str, Numbers]) -> Burst:
        times = raw.get(TIMESTAMP)
        rate, gap = pace(times, self.device.rate)
        begun = int(times[0]) if times is not None and self.device.on_boot_time else None
        values = {}
        for channel in self._channels:
            offset, scale = self.device.scale(channel)
            values[channel] = (raw[channel].astype(np.float64) + offset) * scale
        return Burst(values, rate, begun, gap)

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
    following = np.append(steps[1:], usual)
    gap = bool(((steps > LONG_STEP * usual) & (steps + following > (1 + LONG_STEP) * usual)).any())
    step = usual if gap else float(times[-1] - times[0]) / len(steps)
    return 1e9 / step, gap

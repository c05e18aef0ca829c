"""Inspection: what a plugin gives at a poll must be data, and what the plugin has declared."""

from __future__ import annotations

import numbers
import reprlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewayd.errors import GatewaydError
from gatewayd.foreign import one_line
from gatewayd.model import Block, Bytes, Floats, Quality, Sample, Signal, Waveform

YIELDS = (Sample, Block, Waveform)
SEQUENCES = (Sequence, np.ndarray)
NUMBERS = (numbers.Real, np.bool_)
MOST_ITEMS = 20_000
"""Samples, blocks and waveforms that one poll may give: taking so many in takes half a second at most."""
RATES = (1e-6, 1e12)
"""Hz that a waveform may have: from a value in eleven days to a million in a microsecond."""
LONGEST_WAVEFORM = 3e9
"""Seconds that it may last: beyond them (95 years) are times that are none."""
_KNOWN_QUALITIES = bytes(Quality)


class YieldError(GatewaydError):
    """A plugin gave something at a poll that it may not give."""

    def __init__(self, plugin: str, where: str, expected: str, got: object) -> None:
        super().__init__(f"plugin {plugin!r}, {where}: expected {expected}, got {reprlib.repr(got)}")


class Inspection:
    """Checks of one poll of one source: each gives what it checked in our own types, or raises YieldError.

    `columns` numbers the channels that the poll reads one value of, `waveforms` those that it reads bursts of.
    """

    def __init__(self, plugin: str, columns: Mapping[str, int], waveforms: Mapping[str, int]) -> None:
        self._plugin = plugin
        self._columns = columns
        self._waveforms = waveforms

    def items(self, given: Any) -> Iterator[Sample | Block | Waveform]:
        """What a poll gave, one by one."""
        expected = "a Sample, a Block or a Waveform, or several of them"
        several = (given,) if isinstance(given, YIELDS) else given
        if not isinstance(several, Iterable) or isinstance(several, str):
            raise self._wrong("poll", expected, given)
        for number, item in enumerate(several):
            if not isinstance(item, YIELDS):
                raise self._wrong("poll", expected, item)
            if number == MOST_ITEMS:
                raise self._wrong("poll", f"at most {MOST_ITEMS} items", several)
            yield item

    def columns(self, channels: Any) -> list[int]:
        """The columns of a block's channels."""
        if not isinstance(channels, tuple | list):
            raise self._wrong("a block's channels", "a tuple of channels' names", channels)
        return [self.column(channel) for channel in channels]

    def column(self, channel: Any) -> int:
        """The column of a channel."""
        return self._place(channel, self._columns, "channels of numbers in this poll")

    def waveform(self, channel: Any) -> int:
        """The plan's number of a channel of bursts."""
        return self._place(channel, self._waveforms, "channels of waveforms in this poll")

    def _place(self, channel: Any, places: Mapping[str, int], what: str) -> int:
        place = places.get(channel) if isinstance(channel, str) else None
        if place is None:
            raise self._wrong(
                "a channel's name", f"one of the {what} ({', '.join(places) or 'there are none'})", channel
            )
        return place

    def numbers(self, values: Any, channels: Sequence[str]) -> Floats:
        """One number for each of `channels`."""
        array = self._array(values, channels)
        if len(array) != len(channels):
            where = f"the values of {reprlib.repr(tuple(channels))}"
            raise self._wrong(where, f"{len(channels)} numbers, one for each channel", values)
        return array

    def burst(self, values: Any, channel: str) -> Signal:
        """The numbers of one waveform: of float32 as such, of any other type as float64."""
        single = isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.type is np.float32
        array: Signal = np.array(values, dtype=np.float32) if single else self._array(values, (channel,))
        if not len(array):
            raise self._wrong(f"channel {channel!r}", "at least one number", values)
        return array

    def flag(self, flag: Any, name: str, channel: str) -> bool:
        """Whether something called `name` is the case with a waveform."""
        if isinstance(flag, bool | np.bool_):
            return bool(flag)
        raise self._wrong(f"channel {channel!r}, {name}", "True or False", flag)

    def _array(self, values: Any, channels: Sequence[str]) -> Floats:
        """A float64 array of our own: the plugin may use its one again."""
        if isinstance(values, np.ndarray):
            if values.ndim == 1 and values.dtype.kind in "fiub":
                with np.errstate(invalid="ignore"):  # a signalling NaN is a NaN
                    return values.astype(np.float64)
            values = values.tolist()
        if not isinstance(values, Sequence) or isinstance(values, str | bytes):
            raise self._wrong(f"the values of {reprlib.repr(tuple(channels))}", "a sequence of numbers", values)
        kinds = set(map(type, values))
        if kinds == {float} or all(issubclass(kind, NUMBERS) for kind in kinds):
            with suppress(OverflowError):
                return np.array(values, dtype=np.float64)
        last = len(channels) - 1
        each = [self.number(value, channels[min(place, last)]) for place, value in enumerate(values)]
        return np.array(each, dtype=np.float64)

    def number(self, value: Any, channel: str) -> float:
        """A number, whatever its type."""
        if isinstance(value, NUMBERS):
            with suppress(OverflowError):
                return float(value)
        raise self._wrong(f"channel {channel!r}", "a number", value)

    def rate(self, rate: Any, count: int, channel: str) -> float:
        """The rate of a waveform of so many values."""
        number = self.number(rate, channel)
        if not can_be_a_rate(number, count):
            expected = (
                f"a rate in Hz, from {RATES[0]:g} to {RATES[1]:g}, at which {count} values last less than 95 years"
            )
            raise self._wrong(f"channel {channel!r}", expected, rate)
        return number

    def qualities(self, qualities: Any, channels: Sequence[str]) -> Bytes:
        """One quality for each of `channels`."""
        if isinstance(qualities, np.ndarray) and qualities.shape == (len(channels),) and _all_known(qualities):
            return qualities.copy()
        if not isinstance(qualities, SEQUENCES) or len(qualities) != len(channels):
            where = f"the qualities of {reprlib.repr(tuple(channels))}"
            raise self._wrong(where, f"{len(channels)} of them, one for each channel", qualities)
        each = [self.quality(quality, channel) for quality, channel in zip(qualities, channels, strict=True)]
        return np.array(each, dtype=np.uint8)

    def quality(self, quality: Any, channel: str) -> Quality:
        """A quality, as such or as its number."""
        if isinstance(quality, numbers.Integral):
            with suppress(ValueError):
                return Quality(int(quality))
        raise self._wrong(f"channel {channel!r}", "a Quality", quality)

    def reasons(self, reasons: Any, channels: Collection[str]) -> dict[str, str]:
        """Why some of `channels` are not good."""
        if not isinstance(reasons, Mapping):
            raise self._wrong("reasons", "a mapping from channels' names to texts", reasons)
        for channel in reasons:
            if channel not in channels:
                raise self._wrong("a reason's channel", f"one of {reprlib.repr(tuple(channels))}", channel)
        return {channel: self.reason(reason, channel) for channel, reason in reasons.items()}

    def reason(self, reason: Any, channel: str) -> str:
        """Why one channel is not good, in one line."""
        if not isinstance(reason, str):
            raise self._wrong(f"channel {channel!r}", "a text as the reason", reason)
        return one_line(reason)

    def time(self, time: Any, now: int) -> int:
        """When the device was read: `now`, the end of the poll, unless the plugin knows better."""
        if time is None:
            return now
        if isinstance(time, bool) or not isinstance(time, numbers.Integral) or not 0 <= int(time) <= now:
            expected = f"None, or nanoseconds of CLOCK_BOOTTIME up to the poll's end ({now})"
            raise self._wrong("time", expected, time)
        return int(time)

    def _wrong(self, where: str, expected: str, got: object) -> YieldError:
        return YieldError(self._plugin, where, expected, got)


def can_be_a_rate(rate: float, count: int) -> bool:
    """Whether a waveform of so many values can have this rate: what is computed of it stays a time and a length."""
    return RATES[0] <= rate <= RATES[1] and count <= LONGEST_WAVEFORM * rate


def _all_known(qualities: NDArray[Any]) -> bool:
    return qualities.dtype.char == "B" and not qualities.tobytes().translate(None, _KNOWN_QUALITIES)

"""Intake: what a plugin gives at a poll becomes inputs of the engine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from gatewayd.model import NO_REASONS, Block, Burst, Bytes, Floats, Polled, Quality, Sample, Signal, Waveform
from gatewayd.sources.reading.inspection import Inspection

SECOND = 1_000_000_000

NOT_FINITE = "not a finite number"
NO_REASON = "no reason was given"

Array = TypeVar("Array", Floats, Bytes)


@dataclass(slots=True)
class Moment:
    """The values of a group's channels at one time, while they are gathered."""

    values: Floats
    qualities: Bytes
    reasons: dict[str, str] = field(default_factory=dict)


class Intake:
    """The way from one poll of one source to the engine.

    `channels` are the names of the channels of the plan's group `group`; `waveforms` gives the plan's number of each
    channel whose bursts the poll reads, `ranges` what can be measured of those of which it is known.
    """

    def __init__(
        self,
        plugin: str,
        group: int,
        channels: tuple[str, ...],
        waveforms: Mapping[str, int],
        ranges: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self._columns = columns = {name: column for column, name in enumerate(channels) if name not in waveforms}
        self._inspection = Inspection(plugin, columns, waveforms)
        self._group = group
        self._channels = channels
        self._waveforms = {number: name for name, number in waveforms.items()}
        self._ranges = ranges or {}
        self._all_numbers = len(columns) == len(channels)
        self._good = _frozen(np.full(len(channels), Quality.GOOD, dtype=np.uint8))
        self._bad = _frozen(np.full(len(channels), Quality.BAD, dtype=np.uint8))
        self._nothing = _frozen(np.full(len(channels), np.nan))

    def failed(self, reason: str, now: int, missed: int) -> Polled:
        """The outcome of a poll that failed at `now`."""
        reasons = dict.fromkeys(self._channels, reason)
        return Polled(self._group, now, self._nothing, self._bad, reasons, missed, failed=True)

    def take(self, given: Any, now: int, missed: int) -> Sequence[Polled | Burst]:
        """The outcome of a poll that ended at `now` and gave `given`: a `Polled` for each time, then the bursts.

        Raises YieldError when the plugin may not give that; then none of it is used.
        """
        if isinstance(given, Block) and given.channels == self._channels and self._all_numbers:
            return (self._whole(given, now, missed),)
        return self._several(given, now, missed)

    def all_good(self, item: Polled | Burst) -> bool:
        """Whether `item` is seen at a glance to hold nothing bad; `verdicts` has the last word."""
        if isinstance(item, Burst):
            return item.quality == Quality.GOOD
        # np.isfinite takes 2 µs however few there are, the sum of a list 0.02 µs a value; it may overflow, but not warn
        return item.qualities is self._good and math.isfinite(sum(item.values.tolist()))

    def waveform(self, burst: Burst) -> str:
        """The name of the channel that `burst` is of."""
        return self._waveforms[burst.channel]

    def verdicts(self, item: Polled | Burst) -> Iterator[tuple[str, str]]:
        """The channels that have a value in `item`, each with why that is bad: empty for one that can be used."""
        if isinstance(item, Burst):
            yield self.waveform(item), _verdict(0.0, item.quality, item.reason)
            return
        for name, value, quality in zip(self._channels, item.values.tolist(), item.qualities.tolist(), strict=True):
            if quality != Quality.ABSENT:
                yield name, _verdict(value, quality, item.reasons.get(name, ""))

    def _whole(self, block: Block, now: int, missed: int) -> Polled:
        """The usual case: one block of exactly the poll's channels."""
        inspection, channels = self._inspection, self._channels
        values = inspection.numbers(block.values, channels)
        qualities = self._good if block.qualities is None else inspection.qualities(block.qualities, channels)
        reasons = inspection.reasons(block.reasons, self._columns) if block.reasons else NO_REASONS
        return Polled(self._group, inspection.time(block.time, now), values, qualities, reasons, missed)

    def _several(self, given: Any, now: int, missed: int) -> list[Polled | Burst]:
        moments: dict[int, Moment] = {}
        bursts: list[Burst] = []
        for item in self._inspection.items(given):
            if isinstance(item, Waveform):
                bursts.append(self._burst(item, now))
                continue
            time = self._inspection.time(item.time, now)
            moment = moments.get(time) or moments.setdefault(time, self._moment())
            if isinstance(item, Sample):
                self._lay_sample(moment, item)
            else:
                self._lay_block(moment, item)
        inputs: list[Polled | Burst] = []
        for time, moment in sorted(moments.items()) or [(now, self._moment())]:
            values, qualities, reasons = moment.values, moment.qualities, moment.reasons
            continued = bool(inputs)
            due = 0 if continued else missed
            inputs.append(Polled(self._group, time, values, qualities, reasons, due, continued=continued))
        return inputs + [burst for burst in bursts if burst.quality != Quality.ABSENT]

    def _moment(self) -> Moment:
        absent = np.full(len(self._channels), Quality.ABSENT, dtype=np.uint8)
        return Moment(np.full(len(self._channels), np.nan), absent)

    def _lay_sample(self, moment: Moment, sample: Sample) -> None:
        channel = sample.channel
        column = self._inspection.column(channel)
        moment.values[column] = self._inspection.number(sample.value, channel)
        moment.qualities[column] = self._inspection.quality(sample.quality, channel)
        moment.reasons.pop(channel, None)
        if sample.reason:
            moment.reasons[channel] = self._inspection.reason(sample.reason, channel)

    def _lay_block(self, moment: Moment, block: Block) -> None:
        inspection, channels = self._inspection, block.channels
        columns = inspection.columns(channels)
        moment.values[columns] = inspection.numbers(block.values, channels)
        moment.qualities[columns] = (
            Quality.GOOD if block.qualities is None else inspection.qualities(block.qualities, channels)
        )
        for channel in channels:
            moment.reasons.pop(channel, None)
        moment.reasons.update(inspection.reasons(block.reasons, channels))

    def _burst(self, wave: Waveform, now: int) -> Burst:
        """A waveform without a time ended when the poll did."""
        inspection, channel = self._inspection, wave.channel
        number = inspection.waveform(channel)
        values = inspection.burst(wave.values, channel)
        rate = inspection.rate(wave.rate, len(values), channel)
        lasted = round((len(values) - 1) / rate * SECOND) if wave.time is None else 0
        time = max(0, inspection.time(wave.time, now) - lasted)
        quality = inspection.quality(wave.quality, channel)
        reason = inspection.reason(wave.reason, channel)
        gap = inspection.flag(wave.gap, "gap", channel)
        clipped = inspection.flag(wave.clipped, "clipped", channel) or self._overdriven(values, channel)
        return Burst(number, time, rate, values, quality, reason, gap, clipped)

    @np.errstate(over="ignore")  # an end may be beyond all of float32
    def _overdriven(self, values: Signal, channel: str) -> bool:
        """Whether a value lies at an end of what can be measured, or beyond."""
        ends = self._ranges.get(channel)
        return ends is not None and bool((values <= ends[0]).any() or (values >= ends[1]).any())


def _verdict(value: float, quality: int, reason: str) -> str:
    if quality == Quality.BAD:
        return reason or NO_REASON
    return "" if math.isfinite(value) else reason or NOT_FINITE


def _frozen(array: Array) -> Array:
    """Many outcomes share it."""
    array.flags.writeable = False
    return array

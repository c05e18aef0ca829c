"""Translation: what a child process says it has polled, checked, in the numbers of the gateway's plan.

A plugin may have written into any memory of its process: what comes out of it is not believed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from gatewayd import clock
from gatewayd.engine.plan import Plan
from gatewayd.foreign import one_line
from gatewayd.isolation.messages import Ready, RubbishError
from gatewayd.model import Burst, Kind, Polled, Quality
from gatewayd.recorder.entries import Poll, Wave
from gatewayd.sources.reading.inspection import can_be_a_rate

_QUALITIES = bytes(Quality)


class Translation:
    """From the numbers of a child that polls `sources` to those of the plan."""

    def __init__(self, ready: Ready, plan: Plan, sources: Collection[str]) -> None:
        """Raise RubbishError when the child would poll anything else than the config says."""
        names = [channel.name for channel in plan.channels]
        expected = {
            (group.source, tuple(names[channel] for channel in group.channels)): number
            for number, group in enumerate(plan.groups)
            if group.source in sources
        }
        told = [(source, tuple(channels)) for source, channels in ready.groups]
        if sorted(told) != sorted(expected):
            raise RubbishError(
                "could not be set up: in its own process its plugin declares other channels than in the gateway"
            )
        self._groups = [expected[each] for each in told]
        self._planned = [plan.groups[number] for number in self._groups]
        self._names = [{plan.channels[channel].short_name for channel in each.channels} for each in self._planned]
        self._waveforms = _waveforms(ready.waveforms, plan, sources)

    def inputs(self, items: Sequence[Poll | Wave]) -> list[Polled | Burst]:
        """What the engine is to be fed. Raises RubbishError; then none of it is to be used."""
        now = clock.now()
        return [self._polled(item, now) if isinstance(item, Poll) else self._burst(item, now) for item in items]

    def _polled(self, item: Poll, now: int) -> Polled:
        if not (0 <= item.group < len(self._groups) and 0 <= item.time <= now):
            raise RubbishError(f"talked rubbish: a poll of group {item.group} at {item.time} ns")
        planned = self._planned[item.group]
        if not 0 <= item.missed <= now // planned.interval:
            raise RubbishError(f"talked rubbish: {item.missed} polls missed")
        width = len(planned.channels)
        if len(item.values) != 8 * width or len(item.qualities) not in (0, width) or not _known(item.qualities):
            raise RubbishError("talked rubbish: a poll with other values than it has channels")
        polled, group = item.input(), self._groups[item.group]
        if not polled.reasons:
            return replace(polled, group=group)
        if not polled.reasons.keys() <= self._names[item.group]:
            raise RubbishError("talked rubbish: reasons of other channels than it has")
        return replace(polled, group=group, reasons={name: one_line(why) for name, why in polled.reasons.items()})

    def _burst(self, item: Wave, now: int) -> Burst:
        number = self._waveforms.get(item.channel)
        if number is None or not 0 <= item.time <= now:
            raise RubbishError(f"talked rubbish: a waveform of channel {item.channel} at {item.time} ns")
        try:
            burst = item.input()
        except ValueError as error:
            raise RubbishError(f"talked rubbish: a waveform of {error}") from error
        if not (len(burst.values) and can_be_a_rate(item.rate, len(burst.values))):
            raise RubbishError(f"talked rubbish: a waveform of {len(burst.values)} values with {item.rate} Hz")
        return replace(burst, channel=number, reason=one_line(burst.reason))


def _waveforms(told: Mapping[int, str], plan: Plan, sources: Collection[str]) -> dict[int, int]:
    expected = {
        channel.name: number
        for number, channel in enumerate(plan.channels)
        if channel.kind is Kind.WAVEFORM and channel.source in sources and not channel.derived
    }
    if sorted(told.values()) != sorted(expected):
        raise RubbishError(
            "could not be set up: in its own process its plugin declares other waveforms than in the gateway"
        )
    return {number: expected[name] for number, name in told.items()}


def _known(qualities: bytes) -> bool:
    return not qualities.translate(None, _QUALITIES)

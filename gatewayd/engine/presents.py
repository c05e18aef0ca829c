"""Presents: the last value of each channel, as it is judged, for those who look; nothing follows from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from gatewayd.engine.derived import Derived
from gatewayd.engine.latest import patience
from gatewayd.engine.plan import Plan
from gatewayd.model import Burst, Polled, Quality

_ABSENT = Quality.ABSENT.to_bytes()


class Present(msgspec.Struct, frozen=True):
    """The last value of a channel (its number), from `time`; `value` None: there is none that could be used.

    For `patience` ns from `time` on it counts as that of the moment. Of a waveform there are `length` values, at `rate`
    a second.
    """

    channel: int
    time: int
    value: float | None
    quality: Quality
    reason: str
    patience: int
    length: int = 0
    rate: float = 0.0


class Presents:
    """The last values of all channels of a plan.

    What came together is kept as it came and taken apart when somebody looks, which is far less often.
    """

    def __init__(self, plan: Plan) -> None:
        self._channels = plan.channels
        self._groups = [group.channels for group in plan.groups]
        self._patience = patience(plan)
        self._polls: dict[int, Polled] = {}
        self._derived: dict[tuple[int, ...], Derived] = {}
        """By the first of its channels: they always come with the same others."""
        self._alone: dict[int, Present] = {}
        """Of waveforms, and of channels that came without others of their set; older than those above."""

    def polled(self, polled: Polled) -> None:
        """Take in what a poll gave."""
        group = polled.group
        before = self._polls.get(group)
        if (before is None or polled.qualities is not before.qualities) and _ABSENT in polled.qualities.tobytes():
            self._spread(self._groups[group], self._polls.pop(group, None), polled)
        else:
            self._polls[group] = polled

    def derived(self, derived: Derived) -> None:
        """Take in what follows from other channels."""
        first = derived.outputs[:1]
        if _ABSENT in derived.qualities.tobytes():
            self._spread(derived.outputs, self._derived.pop(first, None), derived)
        else:
            self._derived[first] = derived

    def burst(self, burst: Burst) -> None:
        """Take in a waveform; its values are not kept."""
        number = burst.channel
        size = len(burst.values), burst.rate
        self._alone[number] = Present(
            number, burst.time, None, burst.quality, burst.reason, self._patience[number], *size
        )

    def of(self, channels: Iterable[int]) -> dict[int, Present]:
        """Those of some channels, as far as they had a value."""
        found = dict(self._alone)
        for group, polled in self._polls.items():
            found.update(self._each(self._groups[group], polled))
        for derived in self._derived.values():
            found.update(self._each(derived.outputs, derived))
        return {channel: found[channel] for channel in channels if channel in found}

    def _spread(self, channels: tuple[int, ...], *came: Polled | Derived | None) -> None:
        """Keep the channels of what came one by one, because some of them keep an earlier value."""
        for each in came:
            if each is not None:
                self._alone.update(self._each(channels, each))

    def _each(self, channels: Sequence[int], came: Polled | Derived) -> Iterator[tuple[int, Present]]:
        for column in np.flatnonzero(came.qualities != Quality.ABSENT).tolist():
            number, value = channels[column], float(came.values[column])
            usable = math.isfinite(value)
            quality = Quality(int(came.qualities[column])) if usable else Quality.BAD
            reason = came.reasons.get(self._channels[number].short_name, "") if quality else ""
            told = value if usable else None
            yield number, Present(number, came.time, told, quality, reason, self._patience[number])

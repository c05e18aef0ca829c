"""Cuts: windows of waveforms, of one burst each or of the one signal that bursts without gaps between them make up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewayd.engine.alarms.conditions import duration
from gatewayd.engine.plan import MOST_OVERLAP, MOST_VALUES, WHOLE, Plan, PlannedCut
from gatewayd.model import Burst, Quality, Signal

SECOND = 1_000_000_000
PATIENCE = 10 * SECOND
"""How long a signal that is too short for a window waits for its continuation, at least."""

NO_REASON = "the burst is bad"
EMPTY = "the burst is empty"
HAS_GAPS = "the burst has gaps"
CLIPPED = "the burst is clipped"
NOT_FINITE = "the burst holds values that are not finite numbers"

_NO_VALUES = np.empty((0, 0))


@dataclass(frozen=True, slots=True)
class Cut:
    """Windows of one length out of one signal, cut as `how` says, in the order of time.

    `values` are C-contiguous (windows, n), `times` those of the first value of each. `quality` is what may become of
    them at best. Where that is BAD, `reason` says why, `values` are none, and `times` has one.
    """

    channel: int
    how: PlannedCut
    times: tuple[int, ...]
    rate: float
    values: Signal = field(default_factory=lambda: _NO_VALUES)
    quality: Quality = Quality.GOOD
    reason: str = ""
    gap: bool = False
    clipped: bool = False


@dataclass(slots=True)
class Running:
    """A signal that may go on: `end` is where its next burst should begin, `parts` what further windows may need.

    Of those the first `skip` values are not needed; they may be more than there are. `cut` says that there was a window
    already, `since` from when on there has been nothing but ticks.
    """

    character: tuple[Any, ...]
    rate: float
    end: int
    parts: list[NDArray[Any]] = field(default_factory=list)
    held: int = 0
    skip: int = 0
    cut: bool = False
    since: int | None = None

    def take(self, values: Signal) -> None:
        """Go on with a burst; before the next window begins, nothing is kept."""
        self.parts.append(values)
        self.held += len(values)
        if self.skip >= self.held:
            self.skip -= self.held
            self.parts, self.held = [], 0


class Cutter:
    """Cuts the bursts of one channel in one way.

    A burst that begins within half a sample of where the one before ended, at the same rate and with the same flaws,
    continues it; any other begins a new signal. A signal that ended without a single window is told as a bad one: at
    the next burst, or when none has come for two intervals (of the channel's poll, ns), or `PATIENCE` if that is more.

    What waits for its continuation is not kept over a stop, during which the signal would be missed anyway; another
    engine takes it over.
    """

    def __init__(self, channel: int, how: PlannedCut, interval: int) -> None:
        self.channel = channel
        self._how = how
        self._patience = max(PATIENCE, 2 * interval)
        self._signal: Running | None = None

    def take_over(self, before: Cutter) -> None:
        """Go on with the signal of another one, which cuts in the same way and is not used any more."""
        self._signal = before._signal

    def push(self, burst: Burst) -> list[Cut]:
        """Take one burst in; give the windows that are complete with it."""
        ended = [] if self._continues(burst) else self._end()
        length = self._length(burst)
        fault = _fault(burst, length)
        if fault:
            return [*ended, self._bad(burst.time, burst.rate, fault)]
        signal = self._signal or Running(_character(burst), burst.rate, burst.time)
        signal.take(burst.values)
        signal.end = burst.time + _lasting(len(burst.values), burst.rate)
        signal.since = None
        self._signal = signal
        return ended if signal.held < signal.skip + length else [*ended, self._windows(signal, burst, length)]

    def due(self, time: int) -> list[Cut]:
        """What is to be told when it is `time` and nothing has come any more."""
        signal = self._signal
        if signal is None or signal.cut:
            return []
        if signal.since is None:
            signal.since = time
        return self._end() if time - signal.since >= self._patience else []

    def _continues(self, burst: Burst) -> bool:
        signal = self._signal
        if signal is None or signal.character != _character(burst):
            return False
        return abs(burst.time - signal.end) * burst.rate <= SECOND / 2

    def _end(self) -> list[Cut]:
        """Forget the signal, and tell of it if it was too short."""
        signal, self._signal = self._signal, None
        if signal is None or signal.cut:
            return []
        window = duration(self._how.span) if self._how.span else f"{self._how.samples} values"
        time = signal.end - _lasting(signal.held, signal.rate)
        return [self._bad(time, signal.rate, f"the burst is shorter than the window of {window}")]

    def _length(self, burst: Burst) -> int:
        if self._how == WHOLE:
            return len(burst.values)
        return self._how.samples or max(1, round(self._how.span * burst.rate / SECOND))

    def _hop(self, rate: float, length: int) -> int:
        if self._how == WHOLE:
            return length
        every = round(self._how.every * rate / SECOND) if self._how.every else length // 2
        return max(1, every, length // MOST_OVERLAP)

    def _windows(self, signal: Running, burst: Burst, length: int) -> Cut:
        """All windows up to the end of `burst`, whose clock counts; what further ones need stays."""
        values = signal.parts[0] if len(signal.parts) == 1 else np.concatenate(signal.parts)
        begin = burst.time - _lasting(len(values) - len(burst.values), burst.rate)
        hop = self._hop(burst.rate, length)
        starts = range(signal.skip, len(values) - length + 1, hop)
        rows = [values[start : start + length] for start in starts]
        following = signal.skip + len(starts) * hop
        signal.cut = True
        signal.skip = max(0, following - len(values))
        signal.held = max(0, len(values) - following)
        signal.parts = [values[following:].copy()] if signal.held else []
        return Cut(
            channel=burst.channel,
            how=self._how,
            times=tuple(begin + _lasting(start, burst.rate) for start in starts),
            rate=burst.rate,
            values=rows[0][np.newaxis] if len(rows) == 1 else np.stack(rows),
            quality=Quality.UNCERTAIN if burst.clipped else burst.quality,
            gap=burst.gap,
            clipped=burst.clipped,
        )

    def _bad(self, time: int, rate: float, reason: str) -> Cut:
        return Cut(self.channel, self._how, (time,), rate, quality=Quality.BAD, reason=reason)


class Cuts:
    """All ways in which the plan cuts waveforms, each done once however many need it."""

    def __init__(self, plan: Plan) -> None:
        intervals = {channel: group.interval for group in plan.groups for channel in group.channels}
        needed = [(each.channel, each.cut) for each in plan.bursts]
        needed += [(each.channel, each.cut) for each in plan.calculations if each.window is None]
        self._all = [Cutter(channel, how, intervals.get(channel, 0)) for channel, how in dict.fromkeys(needed)]
        self._by_name = {
            (plan.channels[channel], how): cutter
            for (channel, how), cutter in zip(dict.fromkeys(needed), self._all, strict=True)
        }
        self._by_channel: dict[int, list[Cutter]] = {}
        for cutter in self._all:
            self._by_channel.setdefault(cutter.channel, []).append(cutter)

    def take_over(self, before: Cuts) -> None:
        """Go on with the signals of another plan's channels that are cut here in the same way."""
        for key, cutter in self._by_name.items():
            if key in before._by_name:
                cutter.take_over(before._by_name[key])

    def push(self, burst: Burst) -> Iterable[Cut]:
        """The windows that are complete with `burst`."""
        return (cut for cutter in self._by_channel.get(burst.channel, ()) for cut in cutter.push(burst))

    def due(self, time: int) -> Iterable[Cut]:
        """What is to be told of signals of which nothing came until `time`."""
        return (cut for cutter in self._all for cut in cutter.due(time))


def _fault(burst: Burst, length: int) -> str:
    """Why nothing can be cut from the burst, if so."""
    if burst.quality > Quality.UNCERTAIN:
        return burst.reason or NO_REASON
    if not len(burst.values):
        return EMPTY
    return f"a window of {length} values is longer than {MOST_VALUES}" if length > MOST_VALUES else ""


def _character(burst: Burst) -> tuple[Any, ...]:
    """What must be the same in all bursts of one signal."""
    return burst.rate, burst.gap, burst.clipped, burst.quality, burst.values.dtype


def _lasting(values: int, rate: float) -> int:
    """How long that many values last, in ns."""
    return round(values * SECOND / rate)

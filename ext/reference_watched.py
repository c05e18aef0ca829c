"""The Python twin of one channel under guard: each step of judging one value of it."""

from __future__ import annotations

import math

from gatewayd_ext.checks import ABSENT, UNCERTAIN
from gatewayd_ext.guarding import (
    CLIPPED,
    DROPOUTS,
    FEW,
    FINE,
    FLAT,
    IMPLAUSIBLE,
    JUMPS,
    MINUTE,
    NOVELTY,
    OUT_OF_RANGE,
    PATIENCE,
    PAUSE,
    PERSISTS,
    REMEMBERED,
    RESTS,
    SPIKES,
    STEPS,
    STUCK,
    TAUGHT,
    Checks,
    Fact,
)
from gatewayd_ext.reference_memory import Remembered

BAD = 2


def usable(value: float, quality: int) -> bool:
    """Whether it is good or uncertain, and finite."""
    return quality <= UNCERTAIN and math.isfinite(value)


class Watched(Remembered):
    """One channel, what is checked of it, and what is remembered."""

    def __init__(self, interval: int, checks: Checks) -> None:
        super().__init__()
        self.interval, self.checks = interval, checks

    def jumps(self, time: int, value: float, quality: int) -> bool:
        """Whether this value is an implausible step away from the last one that was believed."""
        if not usable(value, quality) or not self._follows(time):
            return False
        return abs(value - self.last) > self._limit(time)

    def take(self, time: int, value: float, quality: int, missed: int, *, shared: bool) -> int:
        """Take one poll in; the quality that it deserves."""
        if quality == ABSENT:
            return quality
        self._count(missed, came=usable(value, quality))
        if not usable(value, quality):
            if self.fault in (FINE, JUMPS, DROPOUTS):
                self._found(self._lasting(time), time)
            return max(quality, BAD)
        self.value = value
        found = self._beyond(value)
        believed = not found and self._believed(time, value, shared=shared)
        if believed:
            found = self._rested(time, value)
        self._found(found or self._lasting(time), self._since(found, time))
        if found or not believed:
            return BAD
        return max(quality, UNCERTAIN) if self.fault == DROPOUTS else quality

    def fact(self) -> Fact:
        """What is known now."""
        return Fact(self.fault, self.since, self.value, self.same_since <= self.since, self.spike, self.missing)

    def _since(self, found: int, time: int) -> int:
        """Since when what was found has been there."""
        if found == STUCK:
            return self.same_since if time - self.same_since >= self._least() else self.few_since
        return self.still_since if found == FLAT else time

    def _found(self, fault: int, since: int) -> None:
        if fault != self.fault:
            self.fault, self.since = fault, since

    def _count(self, missed: int, *, came: bool) -> None:
        """Keep the share of polls without a value."""
        for _ in range(min(missed, 4 * REMEMBERED)):
            self.missing += (1.0 - self.missing) / REMEMBERED
        self.missing += ((0.0 if came else 1.0) - self.missing) / REMEMBERED

    def _lasting(self, time: int) -> int:
        """What is there whatever this value is."""
        if self._spiking(time):
            return JUMPS
        most = self.checks.missing
        return DROPOUTS if self.missing > (most / 2 if self.fault == DROPOUTS else most) else FINE

    def _spiking(self, time: int) -> bool:
        """Whether there were enough spikes lately; until no more come, if that was found already."""
        first = self.spiked0 if self.fault == JUMPS else self.spiked2
        return bool(self.spikes >= SPIKES and time - first <= max(10 * MINUTE, 100 * self.interval))

    def _beyond(self, value: float) -> int:
        low, high = self.checks.low, self.checks.high
        if value < low or value > high:
            return OUT_OF_RANGE
        return CLIPPED if value == high or (value == low and low != 0.0) else FINE

    # --- jumps ---

    def _follows(self, time: int) -> bool:
        """Whether the last value that was believed says something about the next."""
        return self.seen > 0 and time - self.time <= PATIENCE * self.interval

    def _limit(self, time: int) -> float:
        """The longest plausible step."""
        elapsed = max(time - self.time, self.interval)
        if self.checks.jump:
            return self.checks.jump * (elapsed / 1e9)
        if self.moves < TAUGHT:
            return math.inf
        return IMPLAUSIBLE * self.largest * (float(elapsed) / float(self.interval))

    def _believed(self, time: int, value: float, *, shared: bool) -> bool:
        """Whether the value is plausible, or has persisted for long enough."""
        step = abs(value - self.last)
        if not self._follows(time):
            self.away = self.astray = 0
            return True
        if step <= self._limit(time):
            if self.away and not self.shared:
                self._spiked(time)
            self.away = self.astray = 0
            return True
        if self.away and self._persists(value):
            self.away += 1
        else:
            self.away, self.shared = 1, 0
        self.spike = value
        self.shared |= shared
        self.astray += 1
        if self.away < PERSISTS:
            if self.astray % PERSISTS == 0 and not self.shared:
                self._spiked(time)
            return False
        self.largest = max(self.largest, step)
        self.away = self.astray = 0
        return True

    def _persists(self, value: float) -> bool:
        """Whether it is still away, on the same side and half as far at least."""
        before, now = self.spike - self.last, value - self.last
        return (now >= before / 2) if before > 0 else (now <= before / 2)

    def _spiked(self, time: int) -> None:
        self.spikes += 1
        self.spiked0, self.spiked1, self.spiked2 = time, self.spiked0, self.spiked1

    # --- rest ---

    def _rested(self, time: int, value: float) -> int:
        """Whether it is stuck or flat; learn from the value otherwise.

        What was stuck before a silence still is when it has not moved since.
        """
        follows = self._follows(time) or self.fault in (STUCK, FLAT)
        step = value - self.last if follows else 0.0
        if not follows or self.resting:
            self.same = self.few = self.still = 0
        found = FINE
        if not self.resting:
            self._rest(time, value, abs(step))
            found = self._stuck(time)
            if not found:
                if RESTS in (self.few, self.still):
                    self.rests, self.rested = self.rests + 1, value
                self._learn(value, abs(step), abs(step - self.step))
        self.seen, self.time, self.last, self.step = self.seen + 1, time, value, step
        return found

    def _rest(self, time: int, value: float, step: float) -> None:
        """Keep for how long it has had this value, few values, or hardly moved."""
        new = self._new(value)
        counts = int(new or not self.few) and self._counts(value)
        if self.same and step == 0.0:
            self.same += 1
        else:
            self.same, self.same_since = 1, time
        if self.few and not new:
            self.few += 1
        else:
            self.few, self.few_since, self.few_counts = 1, time, counts
        if self.still and 5 * step <= self.noise:
            self.still += 1
        else:
            self.still, self.still_since, self.still_counts = 1, time, self._counts(value)
        if self._teaches():
            self.novelty += ((1.0 if new else 0.0) - self.novelty) / NOVELTY

    def _counts(self, value: float) -> int:
        """Whether a rest that begins with this value is to be judged by what was learned."""
        lively = self.taught >= TAUGHT and self.novelty >= 0.5
        before = self.rests > 0 and abs(value - self.rested) <= 4 * self.spread
        return int(lively and not before and abs(value - self.level) <= 4 * self.spread)

    def _new(self, value: float) -> bool:
        """Whether it is none of the last few values; it is the first of them now."""
        recent = [self.recent0, self.recent1, self.recent2, self.recent3]
        place = next((n for n in range(self.known) if recent[n] == value), self.known)
        new = place == self.known
        self.known = min(self.known + new, FEW)
        last = min(place, FEW - 1)
        recent[1 : last + 1] = recent[:last]
        recent[0] = value
        self.recent0, self.recent1, self.recent2, self.recent3 = recent
        return new

    def _stuck(self, time: int) -> int:
        rest, least = self.checks.rest, self._least()
        if rest == 0:
            return FINE
        if rest > 0 and time - self.same_since >= rest:
            return STUCK
        if self.few_counts and self.few >= RESTS and time - self.few_since >= least:
            return STUCK
        return FLAT if self.still_counts and self.still >= RESTS and time - self.still_since >= least else FINE

    def _least(self) -> int:
        """For how long a rest must last."""
        return self.checks.rest if self.checks.rest > 0 else max(MINUTE, RESTS * self.interval)

    def _teaches(self) -> bool:
        """Whether the channel moves, so that what it does is usual."""
        return self.fault not in (STUCK, FLAT) and self.few < PAUSE and self.still < PAUSE

    def _learn(self, value: float, step: float, bend: float) -> None:
        """Keep what is usual; what is far off counts as three times that."""
        if step > 0.0:
            self.moves += 1
            faded = self.largest * (1.0 - 1.0 / STEPS)
            self.largest = max(faded, step)
        if self.few < PAUSE and self.still < 2 * RESTS:
            self._learn_noise(bend)
        if not self._teaches():
            return
        part = self._part()
        off = abs(value - self.level) if self.taught else 0.0
        if self.taught >= TAUGHT and 0.0 < 3 * self.spread < off:
            off = 3 * self.spread
        self.spread += part * (off - self.spread)
        self.level = self.level + part * (value - self.level) if self.taught else value
        self.taught += 1

    def _learn_noise(self, bend: float) -> None:
        """It falls four times as fast as it grows: a machine that was restless for a while is not flat afterwards."""
        part = self._part()
        if self.taught >= TAUGHT and bend > self.noise:
            part /= 4
            if 0.0 < 4 * self.noise < bend:
                bend = 4 * self.noise
        self.noise += part * (bend - self.noise)

    def _part(self) -> float:
        """What one more value counts."""
        return 1.0 / (self.taught + 1 if self.taught < REMEMBERED else REMEMBERED)

"""Entries: what stands in a record, and the form in which each input of the engine is stored. The tags are stored."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from gatewayd.engine.plan import Plan
from gatewayd.model import NO_REASONS, Burst, Command, Computed, Input, Kind, Polled, Quality, Signal, Tick
from gatewayd.records import Saved

FORM = 1
"""Of all that is stored: another number is another form."""


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What stands between the inputs."""


class Heading(Note, frozen=True, array_like=True, tag=0):
    """The first entry of each segment: what the inputs in it belong to.

    `number` counts segments, `digest` is the config's, `version` the gateway's; `offset` is as in `Clock`. `groups` are
    the plan's: the source and the full names of the channels of each; `waveforms` are the names of channels of
    waveforms by their numbers, `calculations` those of the plan's calculations.
    """

    form: int
    number: int
    version: str
    boot: str
    offset: int | None
    digest: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    waveforms: dict[int, str]
    calculations: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, *, version: str, boot: str, digest: str) -> Heading:
        """That of the first segment of a run."""
        names = [channel.name for channel in plan.channels]
        groups = tuple((group.source, tuple(names[number] for number in group.channels)) for group in plan.groups)
        waveforms = {n: channel.name for n, channel in enumerate(plan.channels) if channel.kind is Kind.WAVEFORM}
        calculations = tuple(calculation.name for calculation in plan.calculations)
        return cls(FORM, 0, version, boot, None, digest, groups, waveforms, calculations)


class Begun(Note, frozen=True, array_like=True, tag=1):
    """An engine began at `time` with what was `saved`.

    `going_on`, if it is not None: it took over from the one before, with the present summaries of these sources.
    """

    time: int
    saved: tuple[Saved, ...]
    going_on: tuple[str, ...] | None = None


class Stopped(Note, frozen=True, array_like=True, tag=2):
    """It was stopped at `time`."""

    time: int


class Missed(Note, frozen=True, array_like=True, tag=3):
    """`count` inputs are missing here (None: nobody knows how many), and why."""

    count: int | None
    why: str


class Clock(Note, frozen=True, array_like=True, tag=4):
    """The wall clock was set: what to add to times of the heading's boot to get nanoseconds since 1970 (None: unknown).

    The last one of a boot is the best for all of its times.
    """

    offset: int | None


class Poll(Note, frozen=True, array_like=True, tag=5):
    """A `Polled`; no `qualities`: all are good."""

    group: int
    time: int
    values: bytes
    qualities: bytes
    reasons: dict[str, str] | None
    missed: int
    flags: int

    @classmethod
    def of(cls, polled: Polled) -> Poll:
        """Its form."""
        values = polled.values.astype("<f8", copy=False).tobytes()
        qualities = polled.qualities.tobytes()
        flags = polled.failed + 2 * polled.continued
        reasons = dict(polled.reasons) or None
        return cls(
            polled.group, polled.time, values, qualities.strip(b"\0") and qualities, reasons, polled.missed, flags
        )

    def input(self) -> Polled:
        """What was fed."""
        values = np.frombuffer(self.values, "<f8")
        qualities = np.frombuffer(self.qualities, np.uint8) if self.qualities else np.zeros(len(values), np.uint8)
        reasons = self.reasons or NO_REASONS
        failed, continued = bool(self.flags & 1), bool(self.flags & 2)
        return Polled(self.group, self.time, values, qualities, reasons, self.missed, failed, continued)


class Wave(Note, frozen=True, array_like=True, tag=6):
    """A `Burst`; `kind` is NumPy's name for the type of its values."""

    channel: int
    time: int
    rate: float
    kind: str
    values: bytes
    quality: int
    reason: str
    flags: int

    @classmethod
    def of(cls, burst: Burst) -> Wave:
        """Its form."""
        kind = "<f4" if burst.values.dtype == np.float32 else "<f8"
        values = burst.values.astype(kind, copy=False).tobytes()
        flags = burst.gap + 2 * burst.clipped
        return cls(burst.channel, burst.time, burst.rate, kind, values, int(burst.quality), burst.reason, flags)

    def input(self) -> Burst:
        """What was fed."""
        if self.kind not in ("<f4", "<f8"):
            raise ValueError(f"values of the type {self.kind!r}")
        values: Signal = np.frombuffer(self.values, self.kind)
        gap, clipped = bool(self.flags & 1), bool(self.flags & 2)
        return Burst(self.channel, self.time, self.rate, values, Quality(self.quality), self.reason, gap, clipped)


class Second(Note, frozen=True, array_like=True, tag=7):
    """A `Tick`."""

    time: int

    def input(self) -> Tick:
        """What was fed."""
        return Tick(self.time)


class Result(Note, frozen=True, array_like=True, tag=8):
    """A `Computed`."""

    calculation: int
    time: int
    values: bytes
    quality: int
    reason: str

    @classmethod
    def of(cls, computed: Computed) -> Result:
        """Its form."""
        values = computed.values.astype("<f8", copy=False).tobytes()
        return cls(computed.calculation, computed.time, values, int(computed.quality), computed.reason)

    def input(self) -> Computed:
        """What was fed."""
        values: NDArray[Any] = np.frombuffer(self.values, "<f8")
        return Computed(self.calculation, self.time, values, Quality(self.quality), self.reason)


class Ordered(Note, frozen=True, array_like=True, tag=9):
    """A `Command`."""

    command: Command

    def input(self) -> Command:
        """What was fed."""
        return self.command


Entry = Heading | Begun | Stopped | Missed | Clock | Input
"""What a reader gets."""
Stored = Heading | Begun | Stopped | Missed | Clock | Poll | Wave | Second | Result | Ordered
"""What is in a file."""


def form_of(item: Note | Input) -> Note:
    """How something is stored."""
    if isinstance(item, Polled):
        return Poll.of(item)
    if isinstance(item, Tick):
        return Second(item.time)
    if isinstance(item, Burst):
        return Wave.of(item)
    if isinstance(item, Computed):
        return Result.of(item)
    return Ordered(item) if isinstance(item, Command) else item


def entry_of(stored: Stored) -> Entry:
    """What was stored. Raises ValueError when it cannot have been."""
    return stored.input() if isinstance(stored, Poll | Wave | Second | Result | Ordered) else stored


def size_of(item: Note | Input) -> int:
    """About how many bytes it takes before it is compressed."""
    if isinstance(item, Polled | Burst):
        return 48 + item.values.nbytes
    if isinstance(item, Begun):
        return sum(64 + len(each.data) for each in item.saved)
    return 16

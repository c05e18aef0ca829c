"""What sources yield and what the engine is fed, and what it asks for.

Times are integers: nanoseconds of the machine's boot-time clock (`gatewayd.clock`), taken once, at the read.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Signal = NDArray[np.float64] | NDArray[np.float32]

NO_REASONS: Mapping[str, str] = MappingProxyType({})
NO_LABELS: Mapping[int, str] = MappingProxyType({})


class Quality(enum.IntEnum):
    """How far a value may be trusted. The numbers are stored and sent: never renumber them."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    ABSENT = 255
    """No new value in this poll; counted nowhere."""


class Kind(enum.StrEnum):
    """What a channel carries: one number a poll, or a burst of evenly spaced numbers."""

    SCALAR = "scalar"
    WAVEFORM = "waveform"


# --- what sources yield -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Channel:
    """A named numeric stream that a source declares before any I/O.

    `name` is unique within its source (`pressure`; the gateway calls it `pump1.pressure`), `unit` a UCUM code. `range`
    is what the sensor can measure: a waveform with a value at an end of it, or beyond, is clipped. `labels` name the
    values of a channel of states (3 is "fault"). `writable` are the least and the greatest value that it may be set to.
    """

    name: str
    unit: str = ""
    kind: Kind = Kind.SCALAR
    range: tuple[float, float] | None = None
    labels: Mapping[int, str] = field(default_factory=lambda: NO_LABELS)
    writable: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one channel: a block of one, for simple plugins."""

    channel: str
    value: float
    quality: Quality = Quality.GOOD
    reason: str = ""
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One poll's values of many channels at one time.

    `values` and `qualities` follow the order of `channels`; no `qualities` means that all are good. `reasons`
    says why a channel is not good. `time` is when the device was read; the gateway fills in the present.
    """

    channels: tuple[str, ...]
    values: Sequence[float] | Floats
    qualities: Sequence[int] | Bytes | None = None
    reasons: Mapping[str, str] = field(default_factory=lambda: NO_REASONS)
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Waveform:
    """A burst of evenly spaced values of one channel: `rate` in Hz, `time` that of the first value.

    `gap`: values are missing in it, so that it is not evenly spaced throughout. `clipped`: the sensor was overdriven;
    the gateway finds that out by itself where the channel has a range.
    """

    channel: str
    values: Sequence[float] | Floats | NDArray[np.float32]
    rate: float
    quality: Quality = Quality.GOOD
    reason: str = ""
    time: int | None = None
    gap: bool = False
    clipped: bool = False


# --- what the engine is fed: all of it can be recorded and replayed -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Polled:
    """The outcome of one poll of a group of channels that are read together.

    `values` (float64) and `qualities` (uint8) follow the group's channels. `missed` counts the polls that were
    due since the last one and did not happen; `failed` says that the device did not answer at all. A poll that gave
    values of several times has an outcome for each, of which all but the first one's are `continued`.
    """

    group: int
    time: int
    values: Floats
    qualities: Bytes
    reasons: Mapping[str, str] = field(default_factory=lambda: NO_REASONS)
    missed: int = 0
    failed: bool = False
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Burst:
    """A waveform on its way through the engine.

    `channel` is the plan's number of its channel; `values` are float64 or float32, as the source gave them.
    """

    channel: int
    time: int
    rate: float
    values: Signal
    quality: Quality = Quality.GOOD
    reason: str = ""
    gap: bool = False
    clipped: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but time passing, so that silence can be judged."""

    time: int


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of a `Request`.

    `values` are float64, one for each result of the plan's calculation; NaN where there is none, and then `reason`
    says why. `time` is the request's.
    """

    calculation: int
    time: int
    values: Floats
    quality: Quality = Quality.GOOD
    reason: str = ""


class Order(enum.StrEnum):
    """What an operator may order."""

    ACKNOWLEDGE = "ack"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    RELEARN = "relearn"
    FREEZE = "freeze"
    THAW = "thaw"
    ACCEPT = "accept"
    ROLLBACK = "rollback"
    MAINTAIN = "maintain"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Command:
    """An operator's order about `subject`: a rule, a model or an asset, by its name.

    `lasting` is for how many ns it holds (0: until it is taken back), `version` which one of a model is meant. What
    cannot be done leaves everything as it is: whoever gives the order checks first whether it can.
    """

    time: int
    order: Order
    subject: str
    lasting: int = 0
    version: int = 0
    by: str = ""
    why: str = ""


Input = Polled | Burst | Tick | Computed | Command


# --- what the engine asks for -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """What takes too long for the engine: a calculation of the plan, to be answered by a `Computed` of this `time`.

    `values` are those of the window; `seconds` (float64) are their times from the first one, None when they are evenly
    spaced, `rate` a second. `shaft` is the shaft's speed in Hz, NaN when it is not known. `quality` is what the answer
    deserves at best.
    """

    calculation: int
    time: int
    values: Signal
    seconds: Floats | None
    rate: float
    shaft: float
    quality: Quality = Quality.GOOD

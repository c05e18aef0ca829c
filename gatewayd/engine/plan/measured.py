"""What the plan says of channels, how they are polled, and what is computed from windows of them."""

from __future__ import annotations

from dataclasses import dataclass

from gatewayd.model import Kind
from gatewayd_ext.terms import Term

MOST_VALUES = 1 << 20
"""In one window of a waveform."""
MOST_OVERLAP = 16
"""How many windows of a waveform may share a value."""


@dataclass(frozen=True, slots=True)
class PlannedChannel:
    """A channel under its full name; its place in `Plan.channels` is its number."""

    name: str
    unit: str
    source: str
    kind: Kind = Kind.SCALAR
    derived: bool = False

    @property
    def short_name(self) -> str:
        """Its name within its source."""
        return self.name.removeprefix(f"{self.source}.")


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """Channels (numbers) that one poll reads together; its place in `Plan.groups` is its number."""

    source: str
    channels: tuple[int, ...]
    interval: int
    """Nanoseconds between polls."""


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """Features over a sliding window of some channels of one group.

    `columns` are positions within the group's channels. `span` is nanoseconds, 0 for a window of `samples` values.
    `outputs[i][j]` is the channel number of feature j of column i. There may be no features, when calculations alone
    need the window.
    """

    name: str
    group: int
    columns: tuple[int, ...]
    span: int
    samples: int
    every: int
    """Hop in nanoseconds; 0: at every poll."""
    terms: tuple[Term, ...]
    outputs: tuple[tuple[int, ...], ...]

    def room(self, interval: int) -> int:
        """How many values of each column it keeps when polls are `interval` ns apart.

        By time that is what it should hold and a little more, should the source be faster than its interval.
        """
        return self.samples or max(1, self.span // interval) * 9 // 8 + 2


@dataclass(frozen=True, slots=True)
class PlannedShaft:
    """Where the speed of a shaft comes from.

    It is the last good value of `channel` (its number) times `factor`, or `constant` (Hz) where that is not 0; else it
    is looked for between `low` and `high` (Hz) in the spectrum of each window.
    """

    constant: float = 0.0
    channel: int | None = None
    factor: float = 1.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedCut:
    """How a waveform is cut into windows of `span` ns or of `samples` values; neither: each burst is one window.

    From one window to the next it is `every` ns (0: half a window), but never less than a `MOST_OVERLAP`th of one.
    Bursts that follow each other without a gap are cut as one signal.
    """

    span: int = 0
    samples: int = 0
    every: int = 0


WHOLE = PlannedCut()


@dataclass(frozen=True, slots=True)
class PlannedBurstFeatures:
    """Features of the windows of one waveform channel; `outputs[j]` is the channel number of feature j."""

    name: str
    channel: int
    terms: tuple[Term, ...]
    outputs: tuple[int, ...]
    cut: PlannedCut = WHOLE
    shaft: PlannedShaft | None = None


@dataclass(frozen=True, slots=True)
class PlannedCalculation:
    """What is computed outside the engine from each window of one channel; its place in the plan is its number.

    `outputs` are the channel numbers of its results. Of a channel of waveforms it takes the windows of `cut`; of one of
    single values those of the planned window number `window`, of which the channel is column number `column`.
    """

    name: str
    channel: int
    outputs: tuple[int, ...]
    cut: PlannedCut = WHOLE
    window: int | None = None
    column: int = 0
    shaft: PlannedShaft | None = None

    @property
    def results(self) -> int:
        """How many numbers it gives: one for each output, or the four of a bearing, which has outputs of its own."""
        return len(self.outputs) or 4


@dataclass(frozen=True, slots=True)
class PlannedBearing:
    """A bearing, judged by the results of calculation number `calculation`.

    Those are scores of its outer race, inner race and balls, then the shaft's speed in Hz; the calculation's own
    `outputs` are empty. `orders` are the fault frequencies in orders of the shaft: BPFO, BPFI, BSF, FTF. `outputs` are
    the channel numbers of the scores: of the verdict, of the outer race, the inner race, the balls.
    """

    name: str
    channel: int
    calculation: int
    orders: tuple[float, float, float, float]
    outputs: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class PlannedReadings:
    """Channels of one group (positions in it) whose every reading goes upstream, gathered for `every` ns."""

    group: int
    columns: tuple[int, ...]
    every: int

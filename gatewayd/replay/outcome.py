"""The outcome: everything that one replay came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gatewayd.config import Config
from gatewayd.replay.alarms import Alarms
from gatewayd.replay.labels import Labels
from gatewayd.replay.traces import Traces


@dataclass(slots=True)
class Outcome:
    """What came of it: times of the first and last row (ns), rows and those left out of judging, and all that was said.

    A row is left out when its time cannot be read, or is not after that of the row before; `first_left_out` is the line
    of the first one. `step` is the usual time between rows (ns), `short` counts rows with too few cells, `seconds` are
    those that it took. `changes` are the times at which a model told a change. `traces` has the channels that are
    shown, by their numbers: each is a column of some traces.
    """

    first: int = 0
    last: int = 0
    rows: int = 0
    left_out: int = 0
    first_left_out: int = 0
    short: int = 0
    step: int = 0
    seconds: float = 0.0
    alarms: Alarms = field(default_factory=Alarms)
    labels: Labels | None = None
    changes: list[int] = field(default_factory=list)
    traces: dict[int, tuple[Traces, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """Recordings that are one stream, as a config judges them.

    `channels` gives the plan's number of the channel of each column; `untaken` are columns that nobody takes, `unfed`
    sources that no column feeds. `dated`: times are dates, not seconds. `what` a row of the recording is, `remarks`
    are what else is to be known of it.
    """

    paths: Sequence[Path]
    config: Config
    channels: Mapping[str, int]
    outcome: Outcome
    untaken: Sequence[str] = ()
    unfed: Sequence[str] = ()
    dated: bool = False
    what: str = "row"
    remarks: Sequence[str] = ()

    @property
    def title(self) -> str:
        """What was replayed."""
        first = str(self.paths[0])
        return first if len(self.paths) == 1 else f"{first} and {len(self.paths) - 1} more"

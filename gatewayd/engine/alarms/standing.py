"""Standing: how it stands with the rules of a source: which have raised an alarm, which do not judge and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gatewayd.records import Stamp


@dataclass(frozen=True, slots=True)
class Suspension:
    """A rule that should judge and does not, or is not heard; `since` None: since the gateway was started."""

    rule: str
    reason: str
    since: Stamp | None


@dataclass(frozen=True, slots=True)
class Maintained:
    """An asset in maintenance: since when it is known to be, until when (ns; None: until it is ended), its rules."""

    asset: str
    since: Stamp
    until: int | None
    rules: tuple[str, ...]


@dataclass(slots=True)
class Standing:
    """The rules of one source: those whose alarm is open, and those that are suspended, with the reason."""

    alarms: list[str] = field(default_factory=list)
    suspended: dict[str, str] = field(default_factory=dict)


Standings = Callable[[], Mapping[str, Standing]]
"""How it stands now, by source."""

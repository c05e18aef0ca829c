"""The story of a demo as the broker tells it: channels, alarms, events, and what was counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gatewayd_plugins.simulator.demo.ledger import Ledger


@dataclass(slots=True)
class Channel:
    """One channel's values with the times (seconds since the start) that they were read or computed at."""

    unit: str = ""
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, time: float, value: float) -> None:
        """Take a value in."""
        self.times.append(time)
        self.values.append(value)


@dataclass(slots=True)
class RaisedAlarm:
    """One alarm from its raising to its clearing (None while it is open), in seconds since the start."""

    rule: str
    severity: str
    raised: float
    reason: str
    text: str
    cleared: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell: when, what sort of thing, and in words."""

    time: float
    kind: str
    words: str


@dataclass(slots=True)
class Story:
    """What the person who watches knows: nothing but what came through the broker, and what the demo itself does."""

    status: str = "starting"
    waiting: int = 0
    """Messages in the gateway's outbox, by its last word."""
    period: str = ""
    """How the source did in the period of the last summary."""
    channels: dict[str, Channel] = field(default_factory=dict)
    """Readings and features, under their names within the source."""
    alarms: list[RaisedAlarm] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Messages about the pump, and losses of such, by kind."""
    ledger: Ledger = field(default_factory=Ledger)
    unreadable: list[str] = field(default_factory=list)
    """What was wrong with messages that are none."""
    events: list[Event] = field(default_factory=list)

    def tell(self, time: float, kind: str, words: str) -> None:
        """Add an event."""
        self.events.append(Event(time, kind, words))

"""Alarms as a replay sees them: each from when it is raised until its cause has gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gatewayd.records import Alarm, AlarmKind, AlarmState, AnyRecord, ModelNews, Verdict

ENDED = (AlarmState.CLEARED, AlarmState.RETURNED)
"""What is said when the cause has gone: a latched alarm has then returned, and waits for an operator."""


@dataclass(slots=True)
class Episode:
    """One alarm, as its record of being `raised` has it, from `begun` to `ended` (ns; None: it is there at the end)."""

    raised: Alarm
    begun: int
    ended: int | None = None

    @property
    def rule(self) -> str:
        """The rule's name."""
        return self.raised.rule

    @property
    def of_machine(self) -> bool:
        """Whether it is about the machine, not about a sensor."""
        return self.raised.about is AlarmKind.MACHINE

    def until(self, end: int) -> int:
        """When it ended, or `end`."""
        return end if self.ended is None else self.ended


@dataclass(frozen=True, slots=True)
class News:
    """What was said of a bearing or a model at a `time` (ns)."""

    time: int
    text: str


@dataclass(slots=True)
class Alarms:
    """All alarms of a replay in the order in which they were raised, and the news of bearings and models."""

    episodes: list[Episode] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    _open: dict[str, Episode] = field(default_factory=dict)

    def take(self, records: Iterable[AnyRecord], shift: int = 0) -> None:
        """What the engine says; `shift` (ns) is to be added to its times."""
        for record in records:
            if isinstance(record, Verdict):
                self.news.append(News(record.time + shift, f"bearing {record.bearing}: {record.reason}"))
            elif isinstance(record, ModelNews):
                self.news.append(News(record.time + shift, f"model {record.reason}"))
            elif isinstance(record, Alarm):
                self._take(record, record.time + shift)

    def go_on(self, alarms: Iterable[Alarm], time: int) -> None:
        """These alarms are open when an engine begins at `time`, and no others."""
        open_now = {alarm.rule: alarm for alarm in alarms if alarm.state not in ENDED}
        for rule in self._open.keys() - open_now.keys():
            self._open.pop(rule).ended = time
        for rule in open_now.keys() - self._open.keys():
            self._begin(open_now[rule], time)

    @property
    def machine(self) -> bool:
        """Whether an alarm about a machine is raised now."""
        return any(episode.of_machine for episode in self._open.values())

    def _take(self, alarm: Alarm, time: int) -> None:
        if alarm.state is AlarmState.RAISED:
            self._begin(alarm, time)
        elif alarm.state in ENDED and alarm.rule in self._open:
            self._open.pop(alarm.rule).ended = time

    def _begin(self, alarm: Alarm, time: int) -> None:
        episode = self._open[alarm.rule] = Episode(alarm, time)
        self.episodes.append(episode)

"""Rules: which of them a channel's new values concern, and what became of their alarms over a restart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from gatewayd.engine.alarms import STAGE, Gate, Rule, Transition, cleared
from gatewayd.engine.plan import Plan, PlannedRule
from gatewayd.model import Alarm, Bytes, Floats, Quality, Saved, Stamp


@dataclass(frozen=True, slots=True)
class Watched:
    """A column of incoming values that a gate or some rules need."""

    column: int
    gate: Gate | None
    rules: list[Rule]


class Rules:
    """All rules by the channel they judge, and the gates by the channel they follow."""

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        self._gates: dict[int, Gate] = {}
        self._by_channel: dict[int, list[Rule]] = {}
        self.all = [self._rule(rule, plan) for rule in plan.rules]
        self._groups = [self._watched(group.channels) for group in plan.groups]
        self._derived: dict[tuple[int, ...], list[Watched]] = {}

    def _rule(self, rule: PlannedRule, plan: Plan) -> Rule:
        gate = None
        if rule.gate is not None:
            gate = self._gates.setdefault(rule.gate, Gate(plan.channels[rule.gate].name))
        made = Rule(rule, plan.channels[rule.channel], gate, self._boot)
        self._by_channel.setdefault(rule.channel, []).append(made)
        return made

    def _watched(self, channels: Iterable[int]) -> list[Watched]:
        """The columns that a gate or a rule needs, gates first: they decide about the rules of the same poll."""
        watched = [Watched(n, self._gates.get(c), self._by_channel.get(c, [])) for n, c in enumerate(channels)]
        return sorted((entry for entry in watched if entry.gate or entry.rules), key=lambda entry: entry.gate is None)

    def group(self, number: int, time: int, values: Floats, qualities: Bytes) -> Iterator[Transition]:
        """Judge one poll of a group."""
        return _judge(self._groups[number], time, values, qualities)

    def derived(self, channels: tuple[int, ...], time: int, values: Floats, qualities: Bytes) -> Iterator[Transition]:
        """Judge derived channels."""
        watched = self._derived.get(channels)
        if watched is None:
            watched = self._derived[channels] = self._watched(channels)
        return _judge(watched, time, values, qualities)

    def tick(self, time: int) -> Iterator[Transition]:
        """Judge by time alone."""
        for rule in self.all:
            if (transition := rule.tick(time)) is not None:
                yield transition

    def open_alarms(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the rules whose alarm is raised, by the source of their channel."""
        names: dict[str, tuple[str, ...]] = {}
        for rule in self.all:
            if rule.raised is not None:
                names[rule.channel.source] = (*names.get(rule.channel.source, ()), rule.plan.name)
        return names

    def restore(self, saved: Iterable[Saved], time: int) -> Iterator[Transition]:
        """Go on with the alarms of the last run; those whose rule is gone or was changed are cleared."""
        rules = {rule.plan.name: rule for rule in self.all}
        for item in saved:
            if item.stage != STAGE or not item.data:
                continue
            alarm = msgspec.msgpack.decode(item.data, type=Alarm)
            rule = rules.get(item.name)
            if rule is not None and rule.definition == item.definition:
                rule.raised = alarm
            else:
                why = "the rule is gone" if rule is None else "the rule was changed"
                yield cleared(alarm, Stamp(self._boot, time), why)


def _judge(watched: list[Watched], time: int, values: Floats, qualities: Bytes) -> Iterator[Transition]:
    for entry in watched:
        quality = int(qualities[entry.column])
        if quality == Quality.ABSENT:
            continue
        value = float(values[entry.column])
        if entry.gate is not None:
            entry.gate.sample(value, quality)
        for rule in entry.rules:
            if (transition := rule.sample(time, value, quality)) is not None:
                yield transition

"""Rules: which of them a channel's new values concern, and what became of their alarms over a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from gatewayd.engine.alarms import ALARMS, JUDGING, Rule, Transition, cleared
from gatewayd.engine.conditions import Finding
from gatewayd.engine.derived import Derived
from gatewayd.engine.gates import Gate
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import Plan, PlannedRule
from gatewayd.model import Burst, Bytes, Floats, Polled, Quality
from gatewayd.records import Alarm, Saved, Stamp

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Watched:
    """The columns of some values that come together which gates and rules need.

    Gates come first: they decide about all rules of the same poll.
    """

    gates: tuple[tuple[int, Gate, list[Rule]], ...]
    rules: tuple[tuple[int, Rule], ...]

    def judge(self, time: int, values: Floats, qualities: Bytes, now: int) -> list[Transition]:
        """Let the gates and rules have their values, which are of `time`; a silence lasts until `now`."""
        transitions = []
        for column, gate, followers in self.gates:
            quality = int(qualities[column])
            if quality != Quality.ABSENT and gate.sample(float(values[column]), quality):
                transitions += [rule.gate_moved(gate, now if rule.of_silence else time) for rule in followers]
        for column, rule in self.rules:
            quality = int(qualities[column])
            if quality != Quality.ABSENT:
                transitions.append(rule.sample(now if rule.of_silence else time, float(values[column]), quality))
        return _transitions(transitions)


class Rules:
    """All rules by the channel they judge, and the gates by the channel they follow.

    What is derived has the time of its window, which may have begun long ago; a silence ends when it is there.
    """

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        self._plan = plan
        self._now = 0
        """The latest time of a poll or a tick."""
        self._paces = paces(plan)
        self._gates = {rule.gate: Gate(plan.channels[rule.gate].name) for rule in plan.rules if rule.gate is not None}
        self._all = [self._rule(rule) for rule in plan.rules]
        self._by_name = {rule.plan.name: rule for rule in self._all}
        self._by_channel = _grouped(self._all, lambda rule: rule.plan.channel)
        self._by_gate = _grouped(self._all, lambda rule: rule.plan.gate)
        self._of_silence = [rule for rule in self._all if rule.of_silence]
        self._groups = [self._watched(group.channels) for group in plan.groups]
        self._derived = {channels: self._watched(channels) for channels in plan.derivations()}

    def _rule(self, rule: PlannedRule) -> Rule:
        gate = None if rule.gate is None else self._gates[rule.gate]
        return Rule(rule, self._plan.channels[rule.channel], gate, self._boot, self._paces.get(rule.channel, 0))

    def _watched(self, channels: Sequence[int]) -> Watched:
        gates = [(n, self._gates[c], self._by_gate[c]) for n, c in enumerate(channels) if c in self._gates]
        rules = [(n, rule) for n, c in enumerate(channels) for rule in self._by_channel.get(c, ())]
        return Watched(tuple(gates), tuple(rules))

    def polled(self, polled: Polled) -> list[Transition]:
        """Judge one poll of a group."""
        self._now = max(self._now, polled.time)
        return self._groups[polled.group].judge(polled.time, polled.values, polled.qualities, polled.time)

    def burst(self, burst: Burst) -> list[Transition]:
        """A waveform ends a silence; what else there is to judge of it are its features."""
        end = burst.time + round(len(burst.values) * SECOND / burst.rate)
        waited = [rule for rule in self._of_silence if rule.plan.channel == burst.channel]
        return _transitions(rule.sample(end, 0.0, burst.quality) for rule in waited)

    def derived(self, derived: Derived) -> list[Transition]:
        """Judge derived channels."""
        now = max(self._now, derived.time)
        return self._derived[derived.outputs].judge(derived.time, derived.values, derived.qualities, now)

    def tick(self, time: int) -> list[Transition]:
        """Judge by time alone."""
        self._now = max(self._now, time)
        return _transitions(rule.tick(time) for rule in self._of_silence)

    def raised(self) -> tuple[Alarm, ...]:
        """The alarms that are raised now."""
        return tuple(rule.raised for rule in self._all if rule.raised is not None)

    def open_alarms(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the rules whose alarm is raised, by the source of their channel."""
        names: dict[str, tuple[str, ...]] = {}
        for rule in self._all:
            if rule.raised is not None:
                names[rule.channel.source] = (*names.get(rule.channel.source, ()), rule.plan.name)
        return names

    def memories(self, time: int) -> tuple[Saved, ...]:
        """What must be remembered besides alarms over a stop at `time`."""
        return tuple(memory for rule in self._all if (memory := rule.memory(time)) is not None)

    def restore(self, saved: Iterable[Saved], time: int) -> list[Transition]:
        """Go on with the alarms and memories of the last run; alarms whose rule is gone or was changed are cleared.

        An alarm that cannot be read is forgotten: it will be raised again if there still is cause for it.
        """
        transitions = []
        for item in saved:
            rule = self._by_name.get(item.name)
            if item.stage == ALARMS and item.data:
                transitions.append(self._restored(rule, item, time))
            elif item.stage == JUDGING and rule is not None:
                rule.recall(item, time)
        return _transitions(transitions)

    def _restored(self, rule: Rule | None, item: Saved, time: int) -> Transition | None:
        try:
            alarm = msgspec.msgpack.decode(item.data, type=Alarm)
        except msgspec.MsgspecError:
            return None
        if rule is not None and rule.definition == item.definition:
            rule.raised = alarm
            return None
        why = "the rule is gone" if rule is None else "the rule was changed"
        return cleared(alarm, Stamp(self._boot, time), Finding(None, None, why))


def _grouped(rules: Iterable[Rule], by: Callable[[Rule], int | None]) -> dict[int | None, list[Rule]]:
    groups: dict[int | None, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(by(rule), []).append(rule)
    return groups


def _transitions(candidates: Iterable[Transition | None]) -> list[Transition]:
    return [transition for transition in candidates if transition is not None]

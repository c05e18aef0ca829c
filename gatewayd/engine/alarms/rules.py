"""Rules: which of them a channel's new values and an operator's orders concern, and what becomes of their alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from gatewayd.engine.alarms.alarms import ALARMS, Transition, cleared
from gatewayd.engine.alarms.conditions import Finding
from gatewayd.engine.alarms.floods import Floods
from gatewayd.engine.alarms.gates import Gate
from gatewayd.engine.alarms.lost import lost
from gatewayd.engine.alarms.resting import Resting
from gatewayd.engine.alarms.rule import JUDGING, Explain, Rule, by_whom, unexplained
from gatewayd.engine.alarms.shelves import SHELVES, Shelves
from gatewayd.engine.alarms.standing import Maintained, Standing, Suspension
from gatewayd.engine.alarms.watched import Came, Watched
from gatewayd.engine.derived import Derived
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import Plan, PlannedRule
from gatewayd.engine.said import Said
from gatewayd.model import Burst, Command, Order, Polled
from gatewayd.records import Alarm, AlarmKind, AlarmState, Saved, Stamp

SECOND = 1_000_000_000


class Rules:
    """All rules by the channel they judge, and the gates by the channel they follow.

    Whatever one input brings, and all that is derived from it, is judged together, in `settle`: gates come first, for
    they decide about everything else. What is derived has the time of its window, which may have begun long ago; a
    silence ends when it is there. `explain` tells what moved a channel.
    """

    def __init__(self, plan: Plan, boot: str, explain: Explain = unexplained) -> None:
        self._boot = boot
        self._plan = plan
        self._now = 0
        """The latest time of a poll, a tick or a command."""
        self._explain = explain
        self._paces = paces(plan)
        self._gates = {gate: self._gate(*gate) for rule in plan.rules if (gate := _gate_of(rule)) is not None}
        self._all = [self._rule(rule) for rule in plan.rules]
        self._by_name = {rule.plan.name: rule for rule in self._all}
        self._by_channel = _grouped(self._all, lambda rule: rule.plan.channel)
        self._by_gate = _grouped(self._all, lambda rule: _gate_of(rule.plan))
        groups = _grouped([rule for rule in self._all if rule.plan.group], lambda rule: rule.plan.group)
        for rule in self._all:
            rule.group = groups.get(rule.plan.group, ())
        self._of_silence = [rule for rule in self._all if rule.of_silence]
        self._groups = [self._watched(group.channels) for group in plan.groups]
        self._derived = {channels: self._watched(channels) for channels in plan.derivations()}
        self._shelves = Shelves(self._by_name, boot)
        self._resting = Resting(self._all, boot, plan.assets())
        self._floods = Floods(plan.alarms, boot)
        self._came: list[Came] = []

    def _gate(self, channel: int, inverted: bool) -> Gate:  # noqa: FBT001 - a pair that is unpacked
        return Gate(self._plan.channels[channel].name, self._paces.get(channel, 0), inverted=inverted)

    def _rule(self, rule: PlannedRule) -> Rule:
        key, channel = _gate_of(rule), self._plan.channels[rule.channel]
        gate, pace = None if key is None else self._gates[key], self._paces.get(rule.channel, 0)
        return Rule(rule, channel, gate, self._boot, interval=pace, explain=self._explain)

    def _watched(self, channels: Sequence[int]) -> Watched:
        gates = [
            (n, self._gates[key], self._by_gate[key])
            for n, channel in enumerate(channels)
            for key in ((channel, False), (channel, True))
            if key in self._gates
        ]
        rules = [(n, rule) for n, c in enumerate(channels) for rule in self._by_channel.get(c, ())]
        return Watched(tuple(gates), tuple(rules), all(rule.plan.kind is AlarmKind.SENSOR for _, rule in rules))

    def polled(self, polled: Polled) -> None:
        """Take in one poll of a group."""
        time, watched = polled.time, self._groups[polled.group]
        self._now = max(self._now, time)
        if watched.rules or watched.gates:
            self._came.append(Came(watched, time, polled.values, polled.qualities, time))

    def derived(self, derived: Derived) -> None:
        """Take in derived channels."""
        time, watched = derived.time, self._derived[derived.outputs]
        if watched.rules or watched.gates:
            self._came.append(Came(watched, time, derived.values, derived.qualities, max(self._now, time)))

    def settle(self, said: Said) -> None:
        """Judge all that was taken in."""
        if not self._came:
            return
        came, self._came = self._came, []
        for each in came:
            if each.watched.gates:
                self._tell(each.move_gates(), said)
        for each in came:
            if each.watched.rules and not each.is_idle():
                self._tell(each.judge(), said)

    def burst(self, burst: Burst, said: Said) -> None:
        """A waveform ends a silence; what else there is to judge of it are its features."""
        end = burst.time + round(len(burst.values) * SECOND / burst.rate)
        waited = [rule for rule in self._of_silence if rule.plan.channel == burst.channel]
        self._tell((rule.sample(end, 0.0, burst.quality, end) for rule in waited), said)

    def tick(self, time: int, said: Said) -> None:
        """Judge by time alone."""
        self._tell((rule.tick(time) for rule in self._of_silence), said)

    def due(self, time: int, said: Said) -> None:
        """Time has passed: shelves, maintenance and floods may be over."""
        self._now = max(self._now, time)
        if self._shelves:
            self._tell(self._shelves.due(time), said)
            said.saved += self._shelves.renewed(time)
        if self._resting:
            self._resting.due(time, said.saved)
        self._floods.due(time, said)

    def command(self, command: Command, said: Said) -> None:
        """Do what an operator orders, if there is something to be done."""
        self._tell(self._ordered(command, said), said)

    def _ordered(self, command: Command, said: Said) -> Iterable[Transition | None]:
        rule, order = self._by_name.get(command.subject), command.order
        if order is Order.UNSHELVE:
            return self._shelves.unshelve(command.subject, command.time, f"unshelved{by_whom(command)}", command.by)
        if order is Order.SHELVE and rule is not None:
            return self._shelves.shelve(rule, command)
        if order is Order.ACKNOWLEDGE and rule is not None:
            return [rule.acknowledge(command)]
        return self._resting.command(command, said.saved)

    def open_alarms(self) -> tuple[Alarm, ...]:
        """The alarms that are open now: raised, acknowledged, or returned and not acknowledged."""
        return tuple(rule.alarm for rule in self._all if rule.alarm is not None)

    def shelved(self) -> tuple[Alarm, ...]:
        """What was told of the shelves that rules are on now."""
        return tuple(told for rule in self._all if (told := self._shelves.told(rule.plan.name)) is not None)

    def suspended(self) -> tuple[Suspension, ...]:
        """The rules that should judge and do not, or are not heard."""
        return tuple(each for rule in self._all if (each := self._suspension(rule)) is not None)

    def _suspension(self, rule: Rule) -> Suspension | None:
        name, told, since = rule.plan.name, self._shelves.told(rule.plan.name), self._resting.since(rule.plan.asset)
        if since is not None:
            return Suspension(name, f"{rule.plan.asset} is in maintenance", since)
        if told is not None:
            return Suspension(name, told.reason.removeprefix(f"{told.channel}: "), told.raised)
        if rule.gate is None or rule.gate.open(self._now) is not None or rule.judging(self._now):
            return None
        reason, time = rule.gate.unknown(self._now)
        return Suspension(name, reason, None if time is None else Stamp(self._boot, time))

    def maintained(self) -> tuple[Maintained, ...]:
        """The assets that are in maintenance now."""
        return self._resting.maintained()

    def standing(self) -> Mapping[str, Standing]:
        """How it stands now with the rules of each source."""
        found: dict[str, Standing] = {}
        for rule in self._all:
            if rule.alarm is not None:
                found.setdefault(rule.channel.source, Standing()).alarms.append(rule.plan.name)
        for each in self.suspended():
            source = self._by_name[each.rule].channel.source
            found.setdefault(source, Standing()).suspended[each.rule] = each.reason
        return found

    def definitions(self) -> dict[tuple[str, str], str]:
        """What each rule's alarm depends on."""
        return {(ALARMS, name): rule.definition for name, rule in self._by_name.items()}

    def state(self, time: int) -> Iterator[Saved]:
        """What must be remembered besides alarms over a stop at `time`."""
        memories = (memory for rule in self._all if (memory := rule.memory(time)) is not None)
        return chain(memories, self._shelves.state(time), self._resting.state(time), [self._floods.state()])

    def restore(self, saved: Sequence[Saved], time: int, said: Said) -> None:
        """Go on with what the last run left; alarms whose rule is gone or was changed are cleared.

        So is one that cannot be read: it will be raised again if there still is cause for it.
        """
        self._now = max(self._now, time)
        self._floods.restore(saved, time)
        for item in saved:
            rule = self._by_name.get(item.name)
            if item.stage == ALARMS and item.data:
                self._tell([self._restored(rule, item, time)], said)
            elif item.stage == SHELVES and item.data:
                self._tell(self._shelves.restore(item, time), said)
            elif item.stage == JUDGING and rule is not None:
                rule.recall(item, time)
        self._tell(self._resting.restore(saved, time), said)

    def _restored(self, rule: Rule | None, item: Saved, time: int) -> Transition | None:
        try:
            alarm = msgspec.msgpack.decode(item.data, type=Alarm)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return lost(item, rule, Stamp(self._boot, time), AlarmState.CLEARED)
        if rule is not None and rule.definition == item.definition:
            rule.alarm = msgspec.structs.replace(alarm, text=rule.plan.text)
            return None
        why = "the rule is gone" if rule is None else "the rule was changed"
        return cleared(alarm, Stamp(self._boot, time), Finding(None, None, why))

    def _tell(self, transitions: Iterable[Transition | None], said: Said) -> None:
        for transition in transitions:
            if transition is not None:
                self._floods.tell(transition, self._now, said)


def _gate_of(rule: PlannedRule) -> tuple[int, bool] | None:
    return None if rule.gate is None else (rule.gate, rule.inverted)


def _grouped(rules: Iterable[Rule], by: Callable[[Rule], object]) -> dict[object, list[Rule]]:
    groups: dict[object, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(by(rule), []).append(rule)
    return groups

"""Shelves: alarms that an operator does not want to hear of for a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gatewayd.engine.alarms.alarms import Transition
from gatewayd.engine.alarms.holding import Holding, Kept, spelt
from gatewayd.engine.alarms.lost import lost
from gatewayd.engine.alarms.rule import Rule, by_whom
from gatewayd.model import Command
from gatewayd.records import Alarm, AlarmState, Saved, Stamp, definition_hash

SHELVES = "shelves"
_DEFINITION = definition_hash([SHELVES, 1])


class Shelf(msgspec.Struct, frozen=True, array_like=True):
    """What is saved of a shelf: the record that told of it, and how long it holds."""

    told: Alarm
    kept: Kept


class Shelves:
    """The shelves of all rules, by their names. They have nothing to do with what a rule is defined to be."""

    def __init__(self, rules: Mapping[str, Rule], boot: str) -> None:
        self._rules = rules
        self._boot = boot
        self._told: dict[str, Alarm] = {}
        self._held: dict[str, Holding] = {}

    def __bool__(self) -> bool:
        """Whether any rule is on one."""
        return bool(self._held)

    def told(self, rule: str) -> Alarm | None:
        """What was told of the shelf that a rule is on; None when it is on none."""
        return self._told.get(rule)

    def shelve(self, rule: Rule, command: Command) -> Iterator[Transition]:
        """Put a rule on a shelf, or give it another end; what was raised is over."""
        name, time = rule.plan.name, command.time
        length = f" for {spelt(command.lasting)}" if command.lasting else ""
        words = f"shelved{length}{by_whom(command)}"
        ended = rule.clear(time, words, by=command.by)
        if ended is not None:
            yield ended
        rule.shelved = True
        self._held[name] = holding = Holding(self._boot, time, command.lasting)
        before = self._told.get(name)
        self._told[name] = Alarm(
            boot=self._boot,
            rule=name,
            channel=rule.channel.name,
            state=AlarmState.SHELVED,
            severity=rule.plan.severity,
            time=time,
            since=Stamp(self._boot, time),
            raised=before.raised if before else Stamp(self._boot, time),
            value=None,
            limit=None,
            unit=rule.unit,
            reason=f"{rule.channel.name}: {words}",
            text=rule.plan.text,
            about=rule.plan.kind,
            group=rule.plan.group,
            by=command.by,
            until=None if holding.until is None else Stamp(self._boot, holding.until),
        )
        yield Transition(self._told[name], self._saved(name, time))

    def unshelve(self, name: str, time: int, why: str, by: str = "") -> Iterator[Transition]:
        """Take a rule from its shelf, if it is on one: it is raised if there is cause for it when it is judged next."""
        told = self._told.pop(name, None)
        if told is None:
            return
        del self._held[name]
        if name in self._rules:
            self._rules[name].shelved = False
        reason = f"{told.channel}: {why}"
        alarm = msgspec.structs.replace(
            told, boot=self._boot, state=AlarmState.UNSHELVED, time=time, reason=reason, until=None, by=by
        )
        yield Transition(alarm, Saved(SHELVES, name, "", b""))

    def due(self, time: int) -> Iterator[Transition]:
        """Take those from their shelves whose time is over."""
        for name in [name for name, holding in self._held.items() if holding.over(time)]:
            yield from self.unshelve(name, time, "no longer shelved, its time is over")

    def renewed(self, time: int) -> Iterator[Saved]:
        """What must be saved again because time has passed."""
        return (self._saved(name, time) for name, holding in self._held.items() if holding.renewable(time))

    def state(self, time: int) -> Iterator[Saved]:
        """What must be remembered over a stop at `time`."""
        return (self._saved(name, time) for name in self._held)

    def restore(self, item: Saved, time: int) -> Iterator[Transition]:
        """Go on at `time` with one that was saved; a rule that is gone needs none, one that cannot be read is over."""
        try:
            shelf = msgspec.msgpack.decode(item.data, type=Shelf)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield lost(item, self._rules.get(item.name), Stamp(self._boot, time), AlarmState.UNSHELVED)
            return
        self._told[item.name] = shelf.told
        self._held[item.name] = Holding.restored(shelf.kept, self._boot, time)
        if item.name in self._rules:
            self._rules[item.name].shelved = True
        else:
            yield from self.unshelve(item.name, time, "no longer shelved, the rule is gone")

    def _saved(self, name: str, time: int) -> Saved:
        shelf = Shelf(self._told[name], self._held[name].kept(time))
        return Saved(SHELVES, name, _DEFINITION, msgspec.msgpack.encode(shelf))

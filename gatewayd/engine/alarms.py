"""The life of an alarm: a rule judges one channel and leads it through on-delay, raised, off-delay and cleared."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace

import msgspec

from gatewayd.engine.conditions import JUDGES, Finding
from gatewayd.engine.plan import Condition, PlannedChannel, PlannedRule
from gatewayd.model import Alarm, AlarmState, Quality, Saved, Stamp, definition_hash

STAGE = "rules"


@dataclass(frozen=True, slots=True)
class Transition:
    """An alarm was raised or cleared, and what must be remembered of it."""

    alarm: Alarm
    saved: Saved


class Gate:
    """What a rule's `while` channel says: True, False, or None while it is bad or was never seen."""

    __slots__ = ("known", "name", "open")

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: bool | None = None
        self.known: bool | None = None
        """What the last good value said, however long ago."""

    def sample(self, value: float, quality: int) -> None:
        """Take a value in; 0 closes the gate, any other number opens it, a bad value leaves it unknown."""
        self.open = None
        if quality <= Quality.UNCERTAIN and math.isfinite(value):
            self.open = self.known = value != 0.0


class Rule:
    """One rule and its alarm.

    Only good (or uncertain) values are judged, and only while the gate is open. A closed gate ends the alarm; a gate
    or value that is bad leaves everything as it is, since nothing is known. Silence alone is judged while the gate is
    bad too, for the gate often falls silent together with what it guards.
    """

    def __init__(self, plan: PlannedRule, channel: PlannedChannel, gate: Gate | None, boot: str) -> None:
        self.plan = plan
        self.channel = channel
        self.definition = _definition(plan, channel, gate)
        self.raised: Alarm | None = None
        self._boot = boot
        self._gate = gate
        self._judge = JUDGES[plan.condition](plan, channel.unit)
        self._met_since: int | None = None
        self._over_since: int | None = None

    def sample(self, time: int, value: float, quality: int) -> Transition | None:
        """Judge one value of the channel."""
        if not self._open():
            return self._gated(time)
        if quality > Quality.UNCERTAIN or not math.isfinite(value):
            return None
        return self._step(time, self._judge.sample(time, value, active=self.raised is not None))

    def tick(self, time: int) -> Transition | None:
        """Judge by time alone."""
        if not self._open():
            return self._gated(time)
        return self._step(time, self._judge.tick(time, active=self.raised is not None))

    def _open(self) -> bool | None:
        if self._gate is None:
            return True
        if self._gate.open is None and self.plan.condition is Condition.STALE:
            return self._gate.known is not False
        return self._gate.open

    def _gated(self, time: int) -> Transition | None:
        if self._gate is None or self._open() is None:
            return None
        self._judge.reset(time)
        self._met_since = self._over_since = None
        return (
            None if self.raised is None else self._clear(self.raised, time, f"no longer judged, {self._gate.name} is 0")
        )

    def _step(self, time: int, finding: Finding | None) -> Transition | None:
        if finding is None:
            return None
        if self.raised is None:
            return self._on_delay(time, finding)
        return self._off_delay(self.raised, time, finding)

    def _on_delay(self, time: int, finding: Finding) -> Transition | None:
        if not finding.met:
            self._met_since = None
            return None
        if self._met_since is None:
            self._met_since = time
        if time - self._met_since < self.plan.on_delay:
            return None
        return self._raise(time, self._met_since, finding)

    def _off_delay(self, raised: Alarm, time: int, finding: Finding) -> Transition | None:
        if finding.met:
            self._over_since = None
            return None
        if self._over_since is None:
            self._over_since = time
        if time - self._over_since < self.plan.off_delay:
            return None
        return self._clear(raised, time, finding.words, finding)

    def _raise(self, time: int, since: int, finding: Finding) -> Transition:
        delay = f" for {(time - since) / 1e9:.6g} s" if self.plan.on_delay else ""
        self.raised = Alarm(
            boot=self._boot,
            rule=self.plan.name,
            channel=self.channel.name,
            state=AlarmState.RAISED,
            severity=self.plan.severity,
            time=time,
            since=Stamp(self._boot, since),
            raised=Stamp(self._boot, time),
            value=finding.value,
            limit=finding.limit,
            unit=self._judge.unit,
            reason=f"{self.channel.name}: {finding.words}{delay}",
            text=self.plan.text,
        )
        self._met_since = self._over_since = None
        saved = Saved(STAGE, self.plan.name, self.definition, msgspec.msgpack.encode(self.raised))
        return Transition(self.raised, saved)

    def _clear(self, raised: Alarm, time: int, words: str, finding: Finding | None = None) -> Transition:
        self.raised = None
        self._met_since = self._over_since = None
        return cleared(raised, Stamp(self._boot, time), words, finding)


def _definition(plan: PlannedRule, channel: PlannedChannel, gate: Gate | None) -> str:
    """A hash of all that the rule's alarm depends on; the plan's numbers change with tables that do not matter."""
    return definition_hash([asdict(replace(plan, channel=0, gate=None)), channel.name, gate.name if gate else None])


def cleared(raised: Alarm, at: Stamp, words: str, finding: Finding | None = None) -> Transition:
    """End a raised alarm: its record, and nothing left to remember."""
    alarm = msgspec.structs.replace(
        raised,
        boot=at.boot,
        state=AlarmState.CLEARED,
        time=at.time,
        value=finding.value if finding else None,
        limit=finding.limit if finding else None,
        reason=f"{raised.channel}: {words}",
    )
    return Transition(alarm, Saved(STAGE, raised.rule, "", b""))

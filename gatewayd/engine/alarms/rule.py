"""A rule: it judges one channel, and leads its alarm from on-delay and raised to off-delay, returned and cleared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import msgspec

from gatewayd.engine.alarms.alarms import Transition, cleared, going_on, moved
from gatewayd.engine.alarms.causes import in_words
from gatewayd.engine.alarms.conditions import Finding, Past, duration, judge_of
from gatewayd.engine.alarms.delays import Delay
from gatewayd.engine.alarms.gates import Gate
from gatewayd.engine.packing import packed, unpacked
from gatewayd.engine.plan import Condition, PlannedChannel, PlannedRule
from gatewayd.model import Command, Quality
from gatewayd.records import Alarm, AlarmKind, AlarmState, Cause, Saved, Stamp, definition_hash

JUDGING = "judging"
_TELL_HOW_LONG = (Condition.FLAT, Condition.STALE)  # their words do, the on-delay included

Explain = Callable[[int], tuple[Cause, ...]]
"""What moved a channel (its number) to where it is."""


def unexplained(_channel: int) -> tuple[Cause, ...]:
    """Nobody knows what moved a channel that is measured."""
    return ()


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """What a rule knows besides its alarm: the delays that run, and the past of its condition."""

    on_delay: tuple[int, int] | None
    off_delay: tuple[int, int] | None
    past: Past


class Rule:
    """One rule and its alarm.

    Only good (or uncertain) values are judged, and only while the gate is open. A gate that closes ends the cause of
    the alarm; a gate or value that is bad leaves everything as it is, since nothing is known. Silence alone is judged
    while the gate is bad too, for the gate often falls silent together with what it guards. While its asset is in
    maintenance it rests. While it is shelved it judges, and raises nothing.

    Delays run out at a value (of a stale rule: also at a tick), and begin anew after too long a silence: see `Delay`.
    An open alarm outlives everything; a delay that runs, and what the condition remembers, a stop in the same boot.
    """

    def __init__(
        self,
        plan: PlannedRule,
        channel: PlannedChannel,
        gate: Gate | None,
        boot: str,
        *,
        interval: int = 0,
        explain: Explain = unexplained,
    ) -> None:
        self.plan = plan
        self.channel = channel
        self.gate = gate
        self.definition = _definition(plan, channel, gate)
        self.of_silence = plan.condition is Condition.STALE
        self.alarm: Alarm | None = None
        """The open one."""
        self.group: Sequence[Rule] = ()
        """All rules of its group, itself among them."""
        self.shelved = False
        self.resting = False
        self._boot = boot
        self._explain = explain
        self._judge = judge_of(plan, channel.unit, interval)
        self.unit = self._judge.unit
        self._on_delay = Delay(plan.on_delay, interval)
        self._off_delay = Delay(plan.off_delay, interval)

    def sample(self, time: int, value: float, quality: int, now: int) -> Transition | None:
        """Judge one value of the channel; the gate is asked about the time that it is `now`."""
        if not self.judging(now):
            return None
        if quality <= Quality.UNCERTAIN and math.isfinite(value):
            met = self._judge.sample(time, value, active=self._active())
        else:
            met = self._judge.tick(time)
        return None if met is None else self._step(time, met=met)

    def tick(self, time: int) -> Transition | None:
        """Judge by time alone."""
        if not self.judging(time):
            return None
        met = self._judge.tick(time)
        return None if met is None else self._step(time, met=met)

    def is_idle(self) -> bool:
        """Whether there is neither an alarm nor a condition that might become one."""
        return self.alarm is None and self._on_delay.since is None

    def judging(self, now: int) -> bool:
        """Whether it judges at all."""
        if self.resting or self.gate is None:
            return not self.resting
        is_open = self.gate.open(now)
        if is_open is None and self.of_silence:
            return self.gate.known is not False
        return bool(is_open)

    def gate_moved(self, gate: Gate, time: int) -> Transition | None:
        """The gate was opened or closed: judgement begins anew, and no cause goes on."""
        self.begin_anew(time)
        if self.alarm is None or not self._active():
            return None
        return self._end(self.alarm, time, Finding(None, None, f"no longer judged, {gate.words}"))

    def acknowledge(self, command: Command) -> Transition | None:
        """An operator has seen the alarm: if its cause is gone, it is over."""
        alarm = self.alarm
        if alarm is None or alarm.acknowledged:
            return None
        who = f"acknowledged{by_whom(command)}"
        if alarm.state is AlarmState.RETURNED:
            return self.clear(command.time, who, acknowledged=True, by=command.by)
        self.alarm = msgspec.structs.replace(
            alarm,
            boot=self._boot,
            state=AlarmState.ACKNOWLEDGED,
            time=command.time,
            reason=f"{alarm.reason}; {who}",
            acknowledged=True,
            by=command.by,
        )
        return going_on(self.alarm, self.definition)

    def clear(self, time: int, why: str, *, acknowledged: bool | None = None, by: str = "") -> Transition | None:
        """End the alarm, if one is open, whether its cause is gone or not."""
        if self.alarm is None:
            return None
        alarm, self.alarm = self.alarm, None
        self._stop_delays()
        seen = alarm.acknowledged if acknowledged is None else acknowledged
        finding = Finding(None, None, why)
        return cleared(alarm, Stamp(self._boot, time), finding, acknowledged=seen, by=by or alarm.by)

    def begin_anew(self, time: int) -> None:
        """Forget what was judged before `time`."""
        self._judge.reset(time)
        self._stop_delays()

    def memory(self, time: int) -> Saved | None:
        """What must be remembered over a stop at `time`; None when there is nothing, or the rule rests."""
        memory = Memory(self._on_delay.state(), self._off_delay.state(), self._judge.past(time))
        resting = self.resting or (self.gate is not None and self.gate.known is False)
        if resting or memory == Memory(None, None, []):
            return None
        return packed(JUDGING, self.plan.name, self._memory_definition(), memory)

    def recall(self, saved: Saved, time: int) -> None:
        """Go on at `time` with what `memory` gave, if it is of the same rule and boot."""
        memory = unpacked(saved, self._memory_definition(), Memory)
        if memory is not None:
            self._on_delay.restore(memory.on_delay)
            self._off_delay.restore(memory.off_delay)
            self._judge.recall(memory.past, time)

    def _memory_definition(self) -> str:
        return definition_hash([self.definition, self._boot])

    def _active(self) -> bool:
        """Whether the cause of the alarm was there when it was last judged."""
        return self.alarm is not None and self.alarm.state is not AlarmState.RETURNED

    def _step(self, time: int, *, met: bool) -> Transition | None:
        alarm = self.alarm
        if alarm is None or alarm.state is AlarmState.RETURNED:
            if not met:
                self._on_delay.stop()
            elif self._on_delay.passed(time) and not self.shelved:
                return self._raise(alarm, time)
        elif met:
            self._off_delay.stop()
        elif self._off_delay.passed(time):
            return self._end(alarm, time, self._judge.finding())
        return None

    def _raise(self, returned: Alarm | None, time: int) -> Transition:
        """Raise an alarm, or the same one again."""
        plan, finding, causes = self.plan, self._judge.finding(), self._explain(self.plan.channel)
        since = time - max(self._on_delay.held(), finding.lasted)
        self.alarm = Alarm(
            boot=self._boot,
            rule=plan.name,
            channel=self.channel.name,
            state=AlarmState.RAISED,
            severity=plan.severity,
            time=time,
            since=Stamp(self._boot, since),
            raised=returned.raised if returned else Stamp(self._boot, time),
            value=finding.value,
            limit=finding.limit,
            unit=self.unit,
            reason=self._reason(finding, time - since, causes),
            text=plan.text,
            about=plan.kind,
            causes=causes,
            group=plan.group,
            first_out=returned.first_out if returned else self._first_out(),
        )
        self._stop_delays()
        return going_on(self.alarm, self.definition)

    def _reason(self, finding: Finding, lasted: int, causes: tuple[Cause, ...]) -> str:
        """Why the alarm is raised, in words; of a sensor's fault its cause says all."""
        if self.plan.kind is AlarmKind.SENSOR and causes:
            return f"{causes[0].channel}: {causes[0].part}"
        delayed = self.plan.on_delay and self.plan.condition not in _TELL_HOW_LONG
        delay = f" for {duration(lasted)}" if delayed else ""
        return f"{self.channel.name}: {finding.words}{delay}{in_words(causes)}"

    def _first_out(self) -> bool:
        return bool(self.group) and all(rule.alarm is None for rule in self.group)

    def _end(self, alarm: Alarm, time: int, finding: Finding) -> Transition:
        """The cause is gone: the alarm is over, unless an operator must see it first."""
        self._stop_delays()
        at = Stamp(self._boot, time)
        if self.plan.latch and not alarm.acknowledged:
            self.alarm = moved(alarm, AlarmState.RETURNED, at, finding)
            return going_on(self.alarm, self.definition)
        self.alarm = None
        return cleared(alarm, at, finding)

    def _stop_delays(self) -> None:
        self._on_delay.stop()
        self._off_delay.stop()


def by_whom(command: Command) -> str:
    """Who gave an order and why, as the end of a sentence."""
    return f"{f' by {command.by}' if command.by else ''}{f' ({command.why})' if command.why else ''}"


def _definition(plan: PlannedRule, channel: PlannedChannel, gate: Gate | None) -> str:
    """A hash of all that the rule's alarm depends on; the plan's numbers change with tables that do not matter.

    Its text is only said. Its severity is not: whoever has acknowledged a warning does not know of a critical alarm.

    What is at its default is left out: a version that can say more of rules must not end the alarms of those that do
    not say it.
    """
    alone = replace(plan, channel=0, gate=None, asset="", text="")
    said = {each.name: value for each in fields(alone) if (value := getattr(alone, each.name)) != each.default}
    return definition_hash([said, channel.name, gate.name if gate else None])

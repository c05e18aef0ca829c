"""The life of an alarm: a rule judges one channel and leads it through on-delay, raised, off-delay and cleared."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

import msgspec

from gatewayd.engine.conditions import JUDGES, Finding, Past, duration
from gatewayd.engine.delays import Delay
from gatewayd.engine.gates import Gate
from gatewayd.engine.plan import Condition, PlannedChannel, PlannedRule
from gatewayd.model import Quality
from gatewayd.records import Alarm, AlarmState, Saved, Stamp, definition_hash

ALARMS = "rules"
JUDGING = "judging"
_TELL_HOW_LONG = (Condition.FLAT, Condition.STALE)  # their words do, the on-delay included


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """What a rule knows besides its alarm: the delays that run, and the past of its condition."""

    on_delay: tuple[int, int] | None
    off_delay: tuple[int, int] | None
    past: Past


@dataclass(frozen=True, slots=True)
class Transition:
    """An alarm was raised or cleared, and what must be remembered of it."""

    alarm: Alarm
    saved: Saved


class Rule:
    """One rule and its alarm.

    Only good (or uncertain) values are judged, and only while the gate is open. A gate that closes ends the alarm; a
    gate or value that is bad leaves everything as it is, since nothing is known. Silence alone is judged while the gate
    is bad too, for the gate often falls silent together with what it guards.

    Delays run out at a value (of a stale rule: also at a tick), and begin anew after too long a silence: see `Delay`.
    A raised alarm outlives everything; a delay that runs, and what the condition remembers, a stop in the same boot.
    """

    def __init__(
        self, plan: PlannedRule, channel: PlannedChannel, gate: Gate | None, boot: str, interval: int = 0
    ) -> None:
        self.plan = plan
        self.channel = channel
        self.definition = _definition(plan, channel, gate)
        self.raised: Alarm | None = None
        self._boot = boot
        self._gate = gate
        self.of_silence = plan.condition is Condition.STALE
        self._judge = JUDGES[plan.condition](plan, channel.unit, interval)
        self._on_delay = Delay(plan.on_delay, interval)
        self._off_delay = Delay(plan.off_delay, interval)

    def sample(self, time: int, value: float, quality: int) -> Transition | None:
        """Judge one value of the channel."""
        if self._gate is not None and not self._open(self._gate):
            return None
        if quality <= Quality.UNCERTAIN and math.isfinite(value):
            met = self._judge.sample(time, value, active=self.raised is not None)
        else:
            met = self._judge.tick(time)
        return None if met is None else self._step(time, met=met)

    def tick(self, time: int) -> Transition | None:
        """Judge by time alone."""
        if self._gate is not None and not self._open(self._gate):
            return None
        met = self._judge.tick(time)
        return None if met is None else self._step(time, met=met)

    def gate_moved(self, gate: Gate, time: int) -> Transition | None:
        """The gate was opened or closed: judgement begins anew, and no alarm goes on."""
        self._judge.reset(time)
        self._stop_delays()
        if self.raised is None:
            return None
        return self._clear(self.raised, time, Finding(None, None, f"no longer judged, {gate.name} is 0"))

    def memory(self, time: int) -> Saved | None:
        """What must be remembered over a stop at `time`; None when there is nothing, or the rule rests."""
        memory = Memory(self._on_delay.state(), self._off_delay.state(), self._judge.past(time))
        resting = self._gate is not None and self._gate.known is False
        if resting or memory == Memory(None, None, []):
            return None
        return Saved(JUDGING, self.plan.name, self._memory_definition(), msgspec.msgpack.encode(memory))

    def recall(self, saved: Saved, time: int) -> None:
        """Go on at `time` with what `memory` gave, if it is of the same rule and boot."""
        if saved.definition == self._memory_definition():
            with suppress(msgspec.MsgspecError):
                memory = msgspec.msgpack.decode(saved.data, type=Memory)
                self._on_delay.restore(memory.on_delay)
                self._off_delay.restore(memory.off_delay)
                self._judge.recall(memory.past, time)

    def _memory_definition(self) -> str:
        return definition_hash([self.definition, self._boot])

    def _open(self, gate: Gate) -> bool:
        if gate.open is None and self.of_silence:
            return gate.known is not False
        return bool(gate.open)

    def _step(self, time: int, *, met: bool) -> Transition | None:
        if self.raised is None:
            if not met:
                self._on_delay.stop()
            elif self._on_delay.passed(time):
                return self._raise(time)
        elif met:
            self._off_delay.stop()
        elif self._off_delay.passed(time):
            return self._clear(self.raised, time, self._judge.finding())
        return None

    def _raise(self, time: int) -> Transition:
        finding = self._judge.finding()
        since = time - max(self._on_delay.held(), finding.lasted)
        delayed = self.plan.on_delay and self.plan.condition not in _TELL_HOW_LONG
        delay = f" for {duration(time - since)}" if delayed else ""
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
        self._stop_delays()
        saved = Saved(ALARMS, self.plan.name, self.definition, msgspec.msgpack.encode(self.raised))
        return Transition(self.raised, saved)

    def _clear(self, raised: Alarm, time: int, finding: Finding) -> Transition:
        self.raised = None
        self._stop_delays()
        return cleared(raised, Stamp(self._boot, time), finding)

    def _stop_delays(self) -> None:
        self._on_delay.stop()
        self._off_delay.stop()


def _definition(plan: PlannedRule, channel: PlannedChannel, gate: Gate | None) -> str:
    """A hash of all that the rule's alarm depends on; the plan's numbers change with tables that do not matter."""
    return definition_hash([asdict(replace(plan, channel=0, gate=None)), channel.name, gate.name if gate else None])


def cleared(raised: Alarm, at: Stamp, finding: Finding) -> Transition:
    """End a raised alarm: its record, and nothing left to remember."""
    alarm = msgspec.structs.replace(
        raised,
        boot=at.boot,
        state=AlarmState.CLEARED,
        time=at.time,
        value=finding.value,
        limit=finding.limit,
        reason=f"{raised.channel}: {finding.words}",
    )
    return Transition(alarm, Saved(ALARMS, raised.rule, "", b""))

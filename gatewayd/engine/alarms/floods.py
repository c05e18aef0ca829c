"""Floods: when too many alarms are raised, what is told upstream is how many, not each of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from gatewayd.engine.alarms.alarms import Transition
from gatewayd.engine.alarms.holding import spelt
from gatewayd.engine.plan import PlannedAlarms
from gatewayd.engine.said import Said
from gatewayd.records import Alarm, AlarmState, Flood, FloodState, Saved, Severity, Stamp, definition_hash

FLOODS = "floods"
"""The stage of rules that are counted in a flood, by their names, and of the flood itself."""
FLOOD = ""
"""Its name: no rule has it."""
_DEFINITION = definition_hash([FLOODS, 1])


class Lasts(msgspec.Struct, frozen=True, array_like=True):
    """What is saved of the flood: since when it lasts (None: there is none), and when alarms were raised at last."""

    boot: str
    since: Stamp | None
    due: int
    times: list[int]


class Counted(msgspec.Struct, array_like=True):
    """How many alarms of a rule were counted instead of told, and of the one that is open how it was and is now."""

    severity: Severity
    count: int = 0
    raised: Alarm | None = None
    latest: Alarm | None = None


class Floods:
    """Stands between the rules and what is told of them.

    A flood begins with the alarm that is one too many within the span, and ends when no more than half as many as are
    allowed were raised within the last one. While it lasts, what happens to alarms that were raised in it is remembered
    as ever, and counted instead of told; critical ones are told. Those that are still open at its end are told then.
    """

    def __init__(self, plan: PlannedAlarms, boot: str) -> None:
        self._plan = plan
        self._boot = boot
        self._times: deque[int] = deque(maxlen=plan.flood + 1)
        self._since: Stamp | None = None
        self._next = 0
        self._counted: dict[str, Counted] = {}

    def tell(self, transition: Transition, now: int, said: Said) -> None:
        """Say what happened to an alarm, or count it. What it judges may be of a time that is long past `now`."""
        alarm = transition.alarm
        said.saved.append(transition.saved)
        if _is_new(alarm):
            self._times.append(now)
            counts = alarm.severity is not Severity.CRITICAL and self._flooded(now)
        else:
            counts = self._is_untold(alarm)
        if counts:
            self._count(alarm, now, said)
        else:
            said.urgent.append(alarm)

    def due(self, time: int, said: Said) -> None:
        """Say that the flood is over, or how it stands once every span."""
        if self._since is None:
            return
        half = self._plan.flood // 2
        if len(self._times) <= half or time - self._times[-1 - half] >= self._plan.span:
            self._end(time, said)
        elif time >= self._next:
            self._next = time + self._plan.span
            said.urgent.append(self._record(FloodState.LASTING, time))

    def state(self) -> Saved:
        """What must be remembered of the flood itself over a stop."""
        lasts = Lasts(self._boot, self._since, self._next, list(self._times))
        return Saved(FLOODS, FLOOD, _DEFINITION, msgspec.msgpack.encode(lasts))

    def restore(self, saved: Iterable[Saved], time: int) -> None:
        """Go on at `time` with a flood that lasted; after a reboot, for one more span at least."""
        for item in saved:
            if item.stage == FLOODS and item.definition == _DEFINITION:
                with suppress(msgspec.MsgspecError, UnicodeDecodeError):
                    self._recall(item, time)
        if self._since is None:
            self._counted.clear()

    def _recall(self, item: Saved, time: int) -> None:
        if item.name != FLOOD:
            self._counted[item.name] = msgspec.msgpack.decode(item.data, type=Counted)
            return
        lasts = msgspec.msgpack.decode(item.data, type=Lasts)
        self._since = lasts.since
        if lasts.boot == self._boot:
            self._times.extend(lasts.times)
            self._next = lasts.due
        elif lasts.since is not None:
            self._times.extend([time] * len(lasts.times))
            self._next = time + self._plan.span

    def _flooded(self, time: int) -> bool:
        if self._since is not None:
            return True
        return len(self._times) > self._plan.flood and time - self._times[0] < self._plan.span

    def _is_untold(self, alarm: Alarm) -> bool:
        """Whether it is an alarm of which nothing was told yet."""
        counted = self._counted.get(alarm.rule)
        return counted is not None and counted.raised is not None and counted.raised.raised == alarm.raised

    def _count(self, alarm: Alarm, now: int, said: Said) -> None:
        counted = self._counted.setdefault(alarm.rule, Counted(alarm.severity))
        if _is_new(alarm):
            counted.count += 1
            counted.raised = counted.latest = alarm
        elif alarm.state is AlarmState.CLEARED:
            counted.raised = counted.latest = None
        else:
            counted.latest = alarm
        said.saved.append(Saved(FLOODS, alarm.rule, _DEFINITION, msgspec.msgpack.encode(counted)))
        if self._since is None:
            self._begin(now, said)

    def _begin(self, time: int, said: Said) -> None:
        self._since = Stamp(self._boot, time)
        self._next = time + self._plan.span
        said.urgent.append(self._record(FloodState.BEGUN, time))
        said.saved.append(self.state())

    def _end(self, time: int, said: Said) -> None:
        said.urgent.append(self._record(FloodState.ENDED, time))
        for _, counted in sorted(self._counted.items()):
            if counted.raised is not None and counted.latest is not None:
                said.urgent.append(counted.raised)
                said.urgent += [counted.latest] if counted.latest != counted.raised else []
        said.saved += (Saved(FLOODS, name, "", b"") for name in (FLOOD, *self._counted))
        self._since = None
        self._counted.clear()

    def _record(self, state: FloodState, time: int) -> Flood:
        counts = sorted(self._counted.items())
        severities: Counter[str] = Counter()
        for _, counted in counts:
            severities[counted.severity] += counted.count
        still_open = tuple(name for name, counted in counts if counted.raised is not None)
        return Flood(
            boot=self._boot,
            state=state,
            time=time,
            since=self._since or Stamp(self._boot, time),
            limit=self._plan.flood,
            within=self._plan.span,
            rules={name: counted.count for name, counted in counts},
            severities=dict(severities),
            open=still_open,
            reason=_words(state, self._plan, severities.total(), len(still_open)),
        )


def _is_new(alarm: Alarm) -> bool:
    return alarm.state is AlarmState.RAISED and alarm.raised == Stamp(alarm.boot, alarm.time)


def _words(state: FloodState, plan: PlannedAlarms, count: int, still_open: int) -> str:
    if state is FloodState.BEGUN:
        return f"more than {plan.flood} alarms within {spelt(plan.span)}: until it is over they are counted, not told"
    over = "the flood of alarms is over" if state is FloodState.ENDED else "the flood of alarms lasts"
    alarms = "1 alarm was" if count == 1 else f"{count} alarms were"
    are = "1 is" if still_open == 1 else f"{still_open or 'none'} are"
    return f"{over}: {alarms} counted, not told, of which {are} open"

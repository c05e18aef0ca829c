"""What was saved of an alarm or a shelf and cannot be read: it is over, and whoever was told that it began hears so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gatewayd.engine.alarms.alarms import Transition
from gatewayd.engine.alarms.rule import Rule
from gatewayd.records import Alarm, AlarmState, Saved, Severity, Stamp

WHY = "what was saved of it cannot be read"


def lost(item: Saved, rule: Rule | None, at: Stamp, state: AlarmState) -> Transition:
    """Its end, with what can be told of it; when it began may be among what cannot."""
    legible = _legible(item.data)
    channel = rule.channel.name if rule is not None else str(legible.get("channel", ""))
    try:
        raised = msgspec.convert(legible.get("raised"), Stamp)
    except msgspec.ValidationError:
        raised = at
    alarm = Alarm(
        boot=at.boot,
        rule=item.name,
        channel=channel,
        state=state,
        severity=Severity.WARNING if rule is None else rule.plan.severity,
        time=at.time,
        since=raised,
        raised=raised,
        value=None,
        limit=None,
        unit="" if rule is None else rule.unit,
        reason=f"{channel or item.name}: {WHY}",
    )
    return Transition(alarm, Saved(item.stage, item.name, "", b""))


def _legible(data: bytes) -> Mapping[str, Any]:
    """What can be read of an alarm, by itself or first in what was saved: another version may have written the rest."""
    try:
        found = msgspec.msgpack.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    if isinstance(found, list) and found:
        found = found[0]
    return found if isinstance(found, dict) else {}

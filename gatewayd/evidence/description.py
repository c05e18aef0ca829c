"""The description: what evidence.json says of an alarm, its rule, its channels at that moment, and what is normal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gatewayd.engine.plan import PlannedChannel, PlannedRule
from gatewayd.evidence.case import Case
from gatewayd.evidence.facts import Facts
from gatewayd.evidence.ring import Row
from gatewayd.evidence.wall import Wall
from gatewayd.model import Quality
from gatewayd.models.card import Card, ChannelCard, ModelStatus
from gatewayd.records import Alarm

VERSION = 1
SECOND = 1_000_000_000
RULE = ("condition", "low", "high", "deadband", "severity", "text", "latch", "group", "asset")
TIMES = ("span", "on_delay", "off_delay")


def description(
    case: Case, facts: Facts, channels: Mapping[int, PlannedChannel], rows: Sequence[Row], wall: Wall
) -> dict[str, Any]:
    """All but the flaws and the waveforms."""
    alarm, rule = case.alarm, facts.rule(case.alarm)
    normals = {each.channel: each for card in _cards(case.models) for each in card.channels if each.judged}
    return {
        "v": VERSION,
        "kind": "evidence",
        "gateway": facts.gateway,
        "version": facts.version,
        "config": facts.digest,
        "boot": alarm.boot,
        "clock": case.dating.state,
        "offset": case.dating.offset,
        "complete": case.complete,
        "from": wall.text(rows[0].time) if rows else None,
        "to": wall.text(rows[-1].time) if rows else None,
        "alarm": _alarm(alarm, wall),
        "rule": None if rule is None else _rule(rule, facts),
        "channels": dict(_channels(alarm, channels, rows, normals)),
        "models": [_model(status, wall) for status in case.models if _concerns(status, alarm)],
    }


def _alarm(alarm: Alarm, wall: Wall) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(alarm)
    for key in ("kind", "boot", "state", "acknowledged", "by", "until"):
        plain.pop(key, None)
    plain.update(time=wall.text(alarm.time), since=wall.stamp(alarm.since), raised=wall.stamp(alarm.raised))
    for told, cause in zip(plain["causes"], alarm.causes, strict=True):
        told["since"] = wall.stamp(cause.since)
    return {"id": alarm.id, **plain}


def _rule(rule: PlannedRule, facts: Facts) -> dict[str, Any]:
    gate = None if rule.gate is None else ("not " if rule.inverted else "") + facts.plan.channels[rule.gate].name
    plain = {key: getattr(rule, key) for key in RULE}
    return {**plain, **{key: getattr(rule, key) / SECOND for key in TIMES}, "while": gate}


def _channels(
    alarm: Alarm, channels: Mapping[int, PlannedChannel], rows: Sequence[Row], normals: Mapping[str, ChannelCard]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each channel with its last value before the alarm was raised, and what is normal of it."""
    last = _last((row for row in reversed(rows) if row.time <= alarm.time), channels)
    for number, channel in channels.items():
        told: dict[str, Any] = {"unit": channel.unit, "kind": channel.kind, "derived": channel.derived}
        if number in last:
            told["value"], told["quality"] = last[number][0], Quality(last[number][1]).name.lower()
        if (normal := normals.get(channel.name)) is not None:
            told["normal"] = {"middle": normal.middle, "low": normal.low, "high": normal.high}
        yield channel.name, told


def _last(rows: Iterable[Row], channels: Mapping[int, PlannedChannel]) -> dict[int, tuple[float, int]]:
    """The last value of each channel and its quality; the newest rows come first."""
    last: dict[int, tuple[float, int]] = {}
    for row in rows:
        for number, value, quality in zip(row.channels, row.values.tolist(), row.qualities.tolist(), strict=True):
            if number in channels and quality != Quality.ABSENT:
                last.setdefault(number, (value, quality))
        if len(last) == len(channels):
            break
    return last


def _cards(models: Sequence[ModelStatus]) -> Iterator[Card]:
    """Those in force."""
    return (card for status in models for card in status.versions if card.version == status.version)


def _concerns(status: ModelStatus, alarm: Alarm) -> bool:
    """Whether the alarm is one of the model's score or change points."""
    return alarm.channel == status.channel or alarm.channel.startswith(f"{status.channel}.")


def _model(status: ModelStatus, wall: Wall) -> dict[str, Any]:
    card = next((card for card in status.versions if card.version == status.version), None)
    told = {"name": status.name, "version": status.version, "point": status.point, "score": status.score}
    told.update(frozen=status.frozen, adapted=status.adapted, doubts=status.doubts)
    if card is not None:
        told.update(rows=card.rows, seconds=card.seconds, spread=card.spread, learned=wall.stamp(card.learned))
    return told

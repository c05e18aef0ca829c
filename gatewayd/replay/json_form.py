"""What a replay came to, for machines: one JSON object a recording."""

from __future__ import annotations

from typing import Any

import msgspec

from gatewayd.records import Cause
from gatewayd.replay.alarms import Episode
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.times import shown

SECOND = 1_000_000_000


def in_json(replayed: Replayed) -> str:
    """The whole of it in one line; lengths of time are in seconds."""
    outcome, dated = replayed.outcome, replayed.dated
    told: dict[str, Any] = {
        "recordings": [str(path) for path in replayed.paths],
        "first": shown(outcome.first, dated=dated),
        "last": shown(outcome.last, dated=dated),
        "rows": outcome.rows,
        "left_out": outcome.left_out,
        "channels": {
            column: replayed.config.plan.channels[number].name for column, number in replayed.channels.items()
        },
        "untaken": replayed.untaken,
        "unfed": replayed.unfed,
        "remarks": replayed.remarks,
        "seconds": round(outcome.seconds, 3),
        "alarms": [_alarm(each, replayed) for each in outcome.alarms.episodes],
        "news": [{"time": shown(each.time, dated=dated), "text": each.text} for each in outcome.alarms.news],
        "changes": [shown(each, dated=dated) for each in outcome.changes],
    }
    if outcome.labels is not None:
        told["labels"] = _labels(replayed)
    return msgspec.json.encode(told).decode()


def _alarm(episode: Episode, replayed: Replayed) -> dict[str, Any]:
    alarm, dated = episode.raised, replayed.dated
    return {
        "rule": alarm.rule,
        "about": alarm.about,
        "severity": alarm.severity,
        "raised": shown(episode.begun, dated=dated),
        "ended": None if episode.ended is None else shown(episode.ended, dated=dated),
        "seconds": (episode.until(replayed.outcome.last) - episode.begun) / SECOND,
        "value": alarm.value,
        "limit": alarm.limit,
        "unit": alarm.unit,
        "reason": alarm.reason,
        "causes": [_cause(each, episode, dated=dated) for each in alarm.causes],
    }


def _cause(cause: Cause, episode: Episode, *, dated: bool) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(cause)
    raised, since = episode.raised.raised, cause.since
    if since is not None:
        told["since"] = (
            shown(episode.begun - (raised.time - since.time), dated=dated) if since.boot == raised.boot else None
        )
    return told


def _labels(replayed: Replayed) -> dict[str, Any]:
    outcome = replayed.outcome
    labels = outcome.labels
    if labels is None:
        return {}
    score = labels.score(outcome.alarms.episodes, outcome.last)
    return {
        "spans": score.spans,
        "found": score.found,
        "late": [delay / SECOND for delay in score.delays],
        "false_alarms": len(score.false),
        "rows": {
            "labelled": labels.labelled,
            "labelled_in_alarm": labels.labelled_in_alarm,
            "other": labels.healthy,
            "other_in_alarm": labels.healthy_in_alarm,
        },
        "changes": len(labels.changes),
        "changes_found": labels.changes_found(outcome.changes),
    }

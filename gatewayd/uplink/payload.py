"""Payloads: what a record looks like upstream. JSON, version 1, described for receivers in docs/payloads.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from gatewayd.clock import ClockState, Dating
from gatewayd.errors import GatewaydError
from gatewayd.model import Quality
from gatewayd.records import (
    Alarm,
    AlarmKind,
    AnyRecord,
    Cause,
    ChannelSummary,
    EpochBegun,
    Flood,
    Loss,
    ModelNews,
    Readings,
    Stamp,
    Summary,
    Verdict,
)
from gatewayd.uplink.row import Row

VERSION = 1
SECOND, MILLISECOND = 1_000_000_000, 1_000_000

Datings = Callable[[str], Dating]
"""How times of a boot become wall times."""
Content = Iterator[tuple[str, Any]]

_encoder = msgspec.json.Encoder()


class EncodingFailedError(GatewaydError):
    """A record cannot be put into a message: what is stored is damaged, or a name is not text."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall time, in nanoseconds since 1970 (None while the wall clock is not set), and how far it can be trusted."""

    time: int | None
    clock: ClockState


def encode(row: Row, gateway: str, datings: Datings) -> tuple[str, bytes]:
    """Give the last levels of the topic (`alarm/overpressure`) and the payload. Raises EncodingFailedError."""
    record = row.record
    level, content = _CONTENTS[type(record)]
    head: dict[str, Any] = {
        "v": VERSION,
        "kind": record.__struct_config__.tag,
        "gateway": gateway,
        "epoch": row.epoch,
        "class": row.message_class,
        "seq": row.seq,
    }
    if row.late:
        head["late"] = True
    if row.volatile:
        head["volatile"] = True
    try:
        wall = _Wall(record.boot, datings)
        head.update(content(record, wall))
        head["clock"] = wall.state
        return level(record), _encoder.encode(head)
    except (ValueError, TypeError, OverflowError, OSError, msgspec.MsgspecError) as error:
        raise EncodingFailedError(f"cannot be encoded: {error}") from error


def status(gateway: str, state: str, moment: Moment | None, **more: Any) -> bytes:
    """The gateway's own state: `online`, `offline` (stopped on purpose) or `lost` (the last will, at no moment)."""
    return _encoder.encode({**_head("status", gateway), "status": state, **_at(moment), **more})


def birth(gateway: str, moment: Moment, content: Mapping[str, Any]) -> bytes:
    """What a receiver must know to make sense of all other messages."""
    return _encoder.encode({**_head("birth", gateway), **_at(moment), **content})


def timestamp(time: int | None) -> str | None:
    """RFC 3339 in UTC, in whole milliseconds (the rest is cut off), of nanoseconds since 1970."""
    if time is None:
        return None
    seconds, rest = divmod(time, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest // MILLISECOND:03d}Z"


def _head(kind: str, gateway: str) -> dict[str, Any]:
    return {"v": VERSION, "kind": kind, "gateway": gateway}


def _at(moment: Moment | None) -> dict[str, Any]:
    return {"time": None} if moment is None else {"time": timestamp(moment.time), "clock": moment.clock}


class _Wall:
    """Puts the times of one record on the wall clock; `state` is how far all of them can be trusted."""

    __slots__ = ("_boot", "_datings", "_own", "state")

    def __init__(self, boot: str, datings: Datings) -> None:
        self._boot = boot
        self._datings = datings
        self._own = datings(boot)
        self.state = self._own.state

    def time(self, time: int) -> str | None:
        """A time of the record's own boot."""
        return None if self._own.offset is None else timestamp(time + self._own.offset)

    def stamp(self, stamp: Stamp) -> str | None:
        """A time that may be of an earlier boot, whose clock may have been a worse one."""
        if stamp.boot == self._boot:
            return self.time(stamp.time)
        dating = self._datings(stamp.boot)
        if dating.offset is None:
            return None
        if self.state is ClockState.SYNCHRONIZED:
            self.state = dating.state
        return timestamp(stamp.time + dating.offset)


def _alarm(alarm: Alarm, wall: _Wall) -> Content:
    yield "id", alarm.id
    yield "rule", alarm.rule
    yield "channel", alarm.channel
    yield "state", alarm.state
    yield "severity", alarm.severity
    yield "time", wall.time(alarm.time)
    yield "since", wall.stamp(alarm.since)
    yield "raised", wall.stamp(alarm.raised)
    yield "value", alarm.value
    yield "limit", alarm.limit
    yield "unit", alarm.unit
    yield "reason", alarm.reason
    yield "text", alarm.text
    yield from _more(alarm, wall)


def _more(alarm: Alarm, wall: _Wall) -> Content:
    """What is only told of an alarm where it says something."""
    if alarm.about is not AlarmKind.MACHINE:
        yield "about", alarm.about
    if alarm.causes:
        yield "causes", [dict(_cause(cause, wall)) for cause in alarm.causes]
    if alarm.group:
        yield "group", alarm.group
        yield "first_out", alarm.first_out
    if alarm.acknowledged:
        yield "acknowledged", True
    if alarm.by:
        yield "by", alarm.by
    if alarm.until is not None:
        yield "until", wall.stamp(alarm.until)


def _cause(cause: Cause, wall: _Wall) -> Content:
    yield "channel", cause.channel
    yield "share", round(cause.share, 4)
    for key in ("value", "normal", "low", "high"):
        if getattr(cause, key) is not None:
            yield key, getattr(cause, key)
    for key in ("unit", "part"):
        if getattr(cause, key):
            yield key, getattr(cause, key)
    if cause.since is not None:
        yield "since", wall.stamp(cause.since)


def _flood(flood: Flood, wall: _Wall) -> Content:
    yield "state", flood.state
    yield "time", wall.time(flood.time)
    yield "since", wall.stamp(flood.since)
    yield "limit", flood.limit
    yield "within", flood.within / SECOND
    yield "rules", flood.rules
    yield "severities", flood.severities
    yield "open", flood.open
    yield "reason", flood.reason


def _verdict(verdict: Verdict, wall: _Wall) -> Content:
    yield "bearing", verdict.bearing
    yield "channel", verdict.channel
    yield "fault", verdict.fault
    yield "before", verdict.before
    yield "time", wall.time(verdict.time)
    yield "score", verdict.score
    yield "votes", verdict.votes
    yield "windows", verdict.windows
    yield "shaft", verdict.shaft
    yield "frequency", verdict.frequency
    yield "reason", verdict.reason


def _model(news: ModelNews, wall: _Wall) -> Content:
    yield "model", news.model
    yield "channel", news.channel
    yield "event", news.event
    yield "time", wall.time(news.time)
    if news.point:
        yield "point", news.point
    yield "version", news.version
    yield "rows", news.rows
    yield "seconds", news.seconds
    yield "spread", news.spread
    yield "doubts", news.doubts
    yield "reason", news.reason
    if news.by:
        yield "by", news.by


def _summary(summary: Summary, wall: _Wall) -> Content:
    yield "source", summary.source
    yield "start", wall.time(summary.start)
    yield "end", wall.time(summary.end)
    yield "channels", {channel.name: dict(_channel(channel)) for channel in summary.channels}
    yield "alarms", summary.alarms
    yield "polls", summary.polls
    yield "failed", summary.failed
    yield "missed", summary.missed
    if summary.suspended:
        yield "suspended", summary.suspended


def _channel(channel: ChannelSummary) -> Content:
    yield "count", channel.count
    if channel.bad:
        yield "bad", channel.bad
    if channel.gaps:
        yield "gaps", channel.gaps
    if channel.clipped:
        yield "clipped", channel.clipped
    yield "mean", channel.mean
    yield "min", channel.min
    yield "max", channel.max
    yield "last", channel.last
    if channel.reason:
        yield "reason", channel.reason


def _readings(readings: Readings, wall: _Wall) -> Content:
    times: NDArray[np.int64] = np.frombuffer(readings.times, "<i8")
    shape = len(times), len(readings.channels)
    values: NDArray[np.float64] = np.frombuffer(readings.values, "<f8").reshape(shape)
    yield "source", readings.source
    yield "channels", readings.channels
    yield "time", wall.time(int(times[0]))
    yield "offsets", np.round((times - times[0]) / SECOND, 6).tolist()
    if not readings.qualities:
        yield "values", values.tolist()
        return
    qualities: NDArray[np.uint8] = np.frombuffer(readings.qualities, np.uint8).reshape(shape)
    yield "values", np.where(qualities >= Quality.BAD, np.nan, values).tolist()
    yield "qualities", qualities.tolist()


def _loss(loss: Loss, wall: _Wall) -> Content:
    yield "time", wall.time(loss.time)
    yield "why", loss.why
    yield "of", dict(_lost(loss))


def _lost(loss: Loss) -> Content:
    yield "epoch", loss.epoch
    yield "class", loss.message_class
    yield "first", loss.first
    yield "last", loss.last
    yield "count", loss.count


def _epoch(begun: EpochBegun, wall: _Wall) -> Content:
    yield "time", wall.time(begun.time)
    yield "previous", begun.previous
    yield "ends", begun.ends
    yield "why", begun.why


_CONTENTS: Mapping[type[AnyRecord], tuple[Callable[[Any], str], Callable[[Any, _Wall], Content]]] = {
    Alarm: (lambda alarm: f"alarm/{alarm.rule}", _alarm),
    Flood: (lambda _: "flood", _flood),
    Verdict: (lambda verdict: f"verdict/{verdict.bearing}", _verdict),
    ModelNews: (lambda news: f"model/{news.model}", _model),
    Summary: (lambda summary: f"summary/{summary.source}", _summary),
    Readings: (lambda readings: f"readings/{readings.source}", _readings),
    Loss: (lambda _: "loss", _loss),
    EpochBegun: (lambda _: "epoch", _epoch),
}

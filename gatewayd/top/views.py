"""Views: a heading and a row for each source, channel, line or alarm."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from gatewayd.report.words import MINUTE, Answer, ago, number, span
from gatewayd.top.pace import Pace, by_line, told
from gatewayd.top.text import RIGHT, Row, Style

BAR = 20
"""Columns of a full bar."""
BUSY = 0.8
"""The part of its time from which on a line has hardly room for anything more."""
NAMED = 3
"""Bad channels of a source that are named."""

SOURCES = ("source", "state", *(RIGHT + name for name in ("polls/s", "fail/s", "miss/s", "takes", "bad")), "plugin")
CHANNELS = ("channel", f"{RIGHT}value", "unit", "quality", f"{RIGHT}age", "reason")
LINES = ("line", f"{RIGHT}busy", " " * BAR, f"{RIGHT}polls/s", f"{RIGHT}fail/s", "sources")
ALARMS = ("alarm", "severity", "state", "raised", "why")

_QUALITIES = {"good": Style.PLAIN, "uncertain": Style.WARNING, "bad": Style.BAD}
_ORDER = {Style.BAD: 0, Style.WARNING: 1}
_SEVERITIES = {"critical": Style.BAD, "warning": Style.WARNING}


def sources(status: Answer, pace: Pace, *, worst_first: bool = False) -> list[Row]:
    """How each source is doing; what is wrong with it, or was, in a row of its own."""
    found = [pace.counted(counter) for counter in ("polls", "failed", "missed")]
    rows: list[Row] = []
    for each in sorted(status["sources"], key=_trouble) if worst_first else status["sources"]:
        paces = (told(counted[each["name"]]) for counted in found)
        bad = str(each["bad_count"] or "")
        rows.append(
            ((each["name"], each["state"], *paces, _seconds(each["duration"]), bad, each["plugin"]), _style(each))
        )
        rows.extend(((f"  {error}",), _style(each)) for error in _errors(each))
    return rows


def channels(answer: Answer) -> list[Row]:
    """The last value of each channel, and what it is worth."""
    return [(_channel(each), _QUALITIES[each["quality"]]) for each in answer["channels"]]


def lines(status: Answer, pace: Pace) -> list[Row]:
    """How busy each line is, the busiest first, and whose turns it has."""
    loads = pace.of_lines()
    polls, failed = pace.counted("polls"), pace.counted("failed")
    together = by_line(status["sources"])
    rows: list[Row] = []
    for name in sorted(together, key=lambda line: -loads[line]):
        names, load = [source["name"] for source in together[name]], loads[name]
        counts = (told(sum(found[each] for each in names)) for found in (polls, failed))
        style = Style.WARNING if load >= BUSY else Style.PLAIN
        rows.append(((name, f"{told(100 * load)} %", _bar(load), *counts, ", ".join(names)), style))
    return rows


def alarms(status: Answer) -> list[Row]:
    """The alarms that are open, the most severe first."""
    rows: list[Row] = []
    for each in status["alarms"]:
        state = "over, to be acknowledged" if each["state"] == "returned" else each["state"]
        state = "acknowledged" if each["acknowledged"] else state
        cells = (each["rule"], each["severity"], state, ago(each["raised"]), each["reason"])
        rows.append((cells, _SEVERITIES.get(each["severity"], Style.PLAIN)))
    return sorted(rows, key=lambda row: _ORDER.get(row[1], len(_ORDER)))


def _style(source: Answer) -> Style:
    if source["state"] in ("failing", "quarantined"):
        return Style.BAD
    troubled = source["bad_count"] or source["flawed"] or source["slowed"] or source["state"] == "starting"
    return Style.WARNING if troubled else Style.PLAIN


def _trouble(source: Answer) -> int:
    return _ORDER.get(_style(source), len(_ORDER))


def _errors(source: Answer) -> Iterator[str]:
    """What is wrong with it now; else what was, with its age."""
    if source["state"] != "ok":
        if source["last_error"]:
            yield f"for {span(source['seconds'])}: {source['last_error']}"
        return
    for channel, reason in islice(source["bad"].items(), NAMED):
        yield f"{channel} bad: {reason}"
    for channel, flaw in islice(source["flawed"].items(), NAMED):
        yield f"{channel} {flaw}"
    for slowed in source["slowed"]:
        yield f"read every {slowed['every']:.3g} s instead of {slowed['interval']:g} s: its line is too busy"
    if source["last_error"] and not (source["bad"] or source["flawed"] or source["slowed"]):
        yield f"{ago(source['last_error_age'])}: {source['last_error']}"


def _channel(channel: Answer) -> tuple[str, ...]:
    unit = "" if channel["unit"] == "1" else channel["unit"]
    return channel["name"], _value(channel), unit, channel["quality"], _age(channel["age"]), channel["reason"]


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < MINUTE else span(seconds)


def _value(channel: Answer) -> str:
    if channel["kind"] == "waveform":
        return f"{channel['length']} at {channel['rate']:.4g} Hz" if channel["length"] else "-"
    return number(channel["value"])


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _bar(part: float) -> str:
    return "" if math.isnan(part) else "|" * min(BAR, round(BAR * part))

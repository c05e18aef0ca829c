"""The report of lines and their budgets: what `gatewayd plan` prints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatewayd.budget import LineBudget, PollBudget
from gatewayd.report.words import table

HEADING = ("  source", "every", "takes", "share", "waits up to", "could be every", "reads")
NAMED = 3
"""Channels that are named at most."""


def told(line: LineBudget) -> dict[str, Any]:
    """A line for machines; times in seconds, null where there is no limit or it is not known."""
    return {
        "line": line.name,
        "terms": line.terms,
        "isolated": line.isolated,
        "load": line.load,
        "margin": max(0.0, 1.0 - line.load),
        "known": line.is_known,
        "polls": [_poll(line, poll) for poll in line.polls],
    }


def lines(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """All lines for people, as `told`."""
    for number, line in enumerate(told):
        if number:
            yield ""
        yield _headline(line)
        yield from _table(line)
    yield ""
    yield "share: of the line's time. waits: from when it is due until its turn, at worst, while all devices answer."
    if not all(line["known"] for line in told):
        yield "?: its plugin does not say how long it takes; gatewayd measures it when it runs."


def _poll(line: LineBudget, poll: PollBudget) -> dict[str, Any]:
    return {
        "source": poll.source,
        "interval": poll.interval,
        "channels": poll.channels,
        "known": poll.is_known,
        "seconds": poll.seconds,
        "share": poll.share,
        "longest_wait": _finite(line.longest_wait(poll)) if line.is_known else None,
        "shortest_interval": _finite(line.shortest_interval(poll)) if poll.is_known else None,
        "requests": [{"what": effort.what, "seconds": effort.seconds} for effort in poll.efforts],
    }


def _headline(line: Mapping[str, Any]) -> str:
    alone = f"the line of {line['polls'][0]['source']} alone"
    name = f"line {line['line']}" if line["line"] else alone
    terms = f" ({line['terms']})" if line["terms"] else ""
    terms += ", in a process of its own" if line["isolated"] else ""
    if not line["load"]:
        return f"{name}{terms}: how much of its time is asked for is not known"
    least, most = ("", "") if line["known"] else ("at least ", " at most")
    return f"{name}{terms}: {least}{_percent(line['load'])} of its time, {_percent(line['margin'])} to spare{most}"


def _table(line: Mapping[str, Any]) -> Iterator[str]:
    """A row for each poll, and its requests below it."""
    rows: list[Sequence[str]] = []
    for poll in line["polls"]:
        rows.append(_row(poll, line))
        rows.extend(("", "", _time(each["seconds"]), "", "", "", f"  {each['what']}") for each in poll["requests"])
    yield from table(HEADING, rows)


def _row(poll: Mapping[str, Any], line: Mapping[str, Any]) -> tuple[str, ...]:
    known = poll["known"]
    return (
        f"  {poll['source']}",
        _time(poll["interval"]),
        _time(poll["seconds"]) if known else "?",
        _percent(poll["share"]) if known else "?",
        _wait(poll) if line["known"] else "?",
        _time(poll["shortest_interval"]) if poll["shortest_interval"] else "-",
        _named(poll["channels"]),
    )


def _named(channels: Sequence[str]) -> str:
    more = f" and {len(channels) - NAMED} more" if len(channels) > NAMED else ""
    return f"{', '.join(channels[:NAMED])}{more}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _time(seconds: float) -> str:
    if not seconds:
        return "?"
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _wait(poll: Mapping[str, Any]) -> str:
    wait = poll["longest_wait"]
    if wait is None:
        return "for ever"
    return f"{_time(wait) if wait else '0 ms'}{', too late' if wait > poll['interval'] else ''}"


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None

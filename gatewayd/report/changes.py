"""How people read what a reload changes, or has changed, and what of the gateway goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST = 20
"""Of what begins anew, so many lines are shown."""


def change_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The answer of `diff` or `reload` in lines."""
    yield from answer["problems"]
    for change in answer["tables"]:
        yield _line(change)
    yield from answer["anew"][:MOST]
    if len(answer["anew"]) > MOST:
        yield f"... and {len(answer['anew']) - MOST} more begin anew"
    if not answer["tables"]:
        yield "no table has changed" if _touched(answer) else "nothing has changed"
    if answer["everything"]:
        yield "kept: what is in the state folder that it names; all lines and the broker are connected anew"
    else:
        yield f"kept: {', '.join(_kept(answer))}"


def _line(change: Mapping[str, Any]) -> str:
    told = ", ".join(change["keys"])
    effect = f"  ({change['effect']})" if change["effect"] else ""
    return f"{change['how']:<8} {change['table']}{f'  {told}' if told else ''}{effect}"


def _kept(answer: Mapping[str, Any]) -> Iterator[str]:
    kept = len(answer["kept"])
    yield f"{kept} source{'' if kept == 1 else 's'} with connections and schedules" if kept else "no source"
    if not answer["judging"]:
        yield "all that is judged"
    elif answer["anew"]:
        yield "all windows, models and alarms but those named"
    else:
        yield "all windows, models and alarms"
    if not answer["uplink"]:
        yield "the connection to the broker"


def _touched(answer: Mapping[str, Any]) -> bool:
    return bool(answer["everything"] or answer["judging"] or answer["uplink"] or answer["metrics"])

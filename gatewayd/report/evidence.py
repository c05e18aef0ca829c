"""The reports of evidence: what `gatewayd alarm show` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gatewayd.report.words import Answer, number, table

MOST = 40
"""Channels that are shown."""
SOME = 10
"""Flaws that are shown."""


def evidence_list(kept: Iterable[Answer]) -> Iterator[str]:
    """One line for each alarm of which there is evidence."""
    rows = [
        (each["alarm"]["id"], each["alarm"]["rule"], _time(each["alarm"]["raised"]), each["alarm"]["reason"])
        for each in kept
    ]
    if rows:
        yield from table(("id", "alarm", "raised", "why"), rows)
    else:
        yield "there is no evidence of any alarm"


def evidence_lines(evidence: Answer) -> Iterator[str]:
    """Everything about one alarm but the values themselves."""
    alarm = evidence["alarm"]
    yield f"alarm {alarm['rule']} ({alarm['severity']})  {alarm['reason']}"
    if alarm["text"]:
        yield f"  {alarm['text']}"
    yield f"  raised {_time(alarm['raised'])}, since {_time(alarm['since'])}   id {alarm['id']}"
    yield from _rule(alarm, evidence["rule"])
    yield f"  gateway {evidence['gateway']} {evidence['version']}, config {evidence['config']}"
    if alarm["causes"]:
        yield ""
        yield from table(("cause", "share", "value", "normal", "from", "to", "what"), map(_cause, alarm["causes"]))
    yield ""
    yield from _channels(evidence["channels"])
    for model in evidence["models"]:
        yield f"model {model['name']}: health {number(model['score'])}, version {model['version']}"
    yield from _kept(evidence)


def _time(text: str | None) -> str:
    """A date, or seconds since the machine was booted, in UTC and to the second."""
    if text is None:
        return "in an earlier boot"
    return f"{text[:19].replace('T', ' ')} UTC" if "T" in text else f"{float(text):.1f} s after boot"


def _rule(alarm: Answer, rule: Answer | None) -> Iterator[str]:
    if rule is None:
        return
    limit = "" if alarm["limit"] is None else f" {number(alarm['limit'], alarm['unit'])}"
    value = "" if alarm["value"] is None else f", it was {number(alarm['value'], alarm['unit'])}"
    delay = f" for {rule['on_delay']:g} s" if rule["on_delay"] else ""
    gate = f" while {rule['while']}" if rule["while"] else ""
    yield f"  rule: {alarm['channel']} {rule['condition']}{limit}{delay}{gate}{value}"


def _cause(cause: Answer) -> Sequence[str]:
    numbers = (number(cause.get(key)) for key in ("value", "normal", "low", "high"))
    return cause["channel"], f"{cause['share']:.0%}", *numbers, cause.get("part", "")


def _channels(channels: Answer) -> Iterator[str]:
    rows = [_channel(name, each) for name, each in channels.items() if each["kind"] == "scalar"]
    yield from table(("channel", "value", "normal", "from", "to", "unit", "quality"), rows[:MOST])
    if len(rows) > MOST:
        yield f"  and {len(rows) - MOST} more, see --export"


def _channel(name: str, channel: Answer) -> Sequence[str]:
    normal = channel.get("normal", {})
    numbers = (number(each) for each in (channel.get("value"), *map(normal.get, ("middle", "low", "high"))))
    return name, *numbers, channel["unit"], channel.get("quality", "no value")


def _kept(evidence: Answer) -> Iterator[str]:
    yield ""
    if evidence["from"] is None:
        yield "there are no values from around it"
    else:
        cut = "" if evidence["complete"] else "; what came after it is not all there"
        yield f"values from {_time(evidence['from'])} to {_time(evidence['to'])}{cut}"
    for flaw in evidence["flaws"][:SOME]:
        why = f": {flaw['reason']}" if flaw["reason"] else ""
        yield f"  {flaw['channel']} {flaw['quality']}, {_values(flaw['count'])} from {_time(flaw['from'])} on{why}"
    if len(evidence["flaws"]) > SOME:
        yield f"  and {len(evidence['flaws']) - SOME} more flaws"
    for wave in evidence["waveforms"]:
        yield f"  waveform of {wave['channel']} {wave['when']}: {_values(wave['count'])} at {wave['rate']:g} Hz"


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"

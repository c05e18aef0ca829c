"""The report: what `gatewayd status` prints of a daemon's answer, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0

Answer = Mapping[str, Any]


def lines(status: Answer) -> Iterator[str]:
    """The whole answer, worst things not hidden at the end."""
    yield f"gatewayd {status['version']}   {status['gateway']}   up {span(status['seconds'])}   {status['config']}"
    for problem in status["problems"]:
        yield f"  config problem: {problem}"
    yield ""
    yield from _sources(status["sources"])
    yield ""
    if status["calculations"] or status["abandoned"]:
        yield from _calculations(status["calculations"], status["abandoned"])
        yield ""
    yield from _alarms(status["alarms"])
    yield from (f"bearing {verdict['reason']}" for verdict in status["verdicts"])
    yield ""
    yield from _uplink(status["uplink"], status["outbox"])


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h {seconds % HOUR // MINUTE:.0f} min"
    return f"{seconds // DAY:.0f} d {seconds % DAY // HOUR:.0f} h"


def _sources(sources: Sequence[Answer]) -> Iterator[str]:
    width = max([6, *(len(source["name"]) for source in sources)])
    row = f"{{name:<{width}}}  {{plugin:<10}} {{state:<12}} {{polls:>9}} {{failed:>8}} {{missed:>8}}  {{last_error}}"
    heading = ("name", "plugin", "state", "polls", "failed", "missed", "last_error")
    yield row.format(**{key: key.replace("_", " ").replace("name", "source") for key in heading})
    for source in sources:
        yield row.format(**{**source, "last_error": _last_error(source)}).rstrip()
        yield from _bad(source)


def _last_error(source: Answer) -> str:
    """With its age once it is over."""
    if source["state"] != "ok" or not source["last_error"]:
        return str(source["last_error"])
    return f"{source['last_error']} ({span(source['last_error_age'])} ago)"


def _bad(source: Answer) -> Iterator[str]:
    """The channels of which a source gives no good value, whether it answers or not, and waveforms with flaws."""
    for channel, reason in source["bad"].items():
        yield f"  {source['name']}.{channel} bad: {reason}"
    if more := source["bad_count"] - len(source["bad"]):
        yield f"  {source['name']}: {more} more channels are bad"
    for channel, flaw in source["flawed"].items():
        yield f"  {source['name']}.{channel} {flaw}"


def _calculations(calculations: Sequence[Answer], abandoned: Mapping[str, int]) -> Iterator[str]:
    """What is computed outside the engine."""
    width = max([11, *(len(each["name"]) for each in calculations)])
    row = f"{{:<{width}}}  {{:<8}} {{:>9}} {{:>8}} {{:>11}} {{:>9}} {{:>10}}  {{}}"
    heading = ("calculation", "state", "done", "failed", "passed over", "mean ms", "longest ms", "last error")
    yield row.format(*heading)
    for each in calculations:
        counts = each["count"], each["failed"], each["passed_over"]
        times = _ms(each["mean_ms"]), _ms(each["longest_ms"])
        yield row.format(each["name"], each["state"], *counts, *times, each["last_error"]).rstrip()
    for plugin, count in abandoned.items():
        yield f"  calls of {plugin} that began before a reload and have not ended: {count}"


def _ms(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:.1f}"


def _alarms(alarms: Sequence[Answer]) -> Iterator[str]:
    if not alarms:
        yield "no alarm is raised"
    for alarm in alarms:
        yield f"alarm {alarm['rule']} ({alarm['severity']})  {alarm['reason']}"


def _uplink(uplink: Answer, outbox: Answer) -> Iterator[str]:
    if uplink["connected"]:
        yield f"broker  connected; {uplink['acked']} messages acknowledged, {uplink['refused']} refused"
    else:
        yield f"broker  away: {uplink['last_error'] or 'not connected yet'}; {uplink['acked']} messages acknowledged"
    size = f"{outbox['bytes'] / 1e6:.1f} MB"
    yield f"outbox  {outbox['waiting']} messages wait, {size}; {outbox['lost']} lost, {outbox['set_aside']} set aside"
    if outbox["failing"]:
        yield f"outbox  in trouble: {outbox['failing']}"

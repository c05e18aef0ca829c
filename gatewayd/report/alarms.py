"""The report of alarms: what `gatewayd alarm list` prints."""

from __future__ import annotations

from collections.abc import Iterator

from gatewayd.report.words import Answer, ago, for_now, table

HEADING = ("alarm", "severity", "state", "raised", "why")


def alarm_lines(answer: Answer) -> Iterator[str]:
    """Those that are open, shelves, rules that do not judge."""
    if answer["alarms"]:
        yield from table(HEADING, (_row(alarm) for alarm in answer["alarms"]))
    else:
        yield "no alarm is raised"
    if answer["shelved"]:
        yield ""
        yield from table(("shelved", "for", "why"), (_shelf(shelf) for shelf in answer["shelved"]))
    shelved = {shelf["rule"] for shelf in answer["shelved"]}
    suspended = [each for each in answer["suspended"] if each["rule"] not in shelved]
    if suspended:
        yield ""
        rows = ((each["rule"], ago(each["seconds"]), each["reason"]) for each in suspended)
        yield from table(("not judged", "since", "why"), rows)


def _row(alarm: Answer) -> tuple[str, ...]:
    about = " (sensor)" if alarm["about"] == "sensor" else ""
    return alarm["rule"], alarm["severity"], _state(alarm) + about, ago(alarm["raised"]), alarm["reason"]


def _state(alarm: Answer) -> str:
    if alarm["state"] == "returned":
        return "over, waits for ack"
    first = ", first" if alarm["first_out"] else ""
    return f"acknowledged{first}" if alarm["acknowledged"] else f"raised{first}"


def _shelf(shelf: Answer) -> tuple[str, ...]:
    reason = str(shelf["reason"])
    return shelf["rule"], for_now(shelf["left"]).removeprefix("for "), reason.partition(": ")[2] or reason

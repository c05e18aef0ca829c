"""The header: the whole gateway in five lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatewayd.report.words import HOUR, Answer, span
from gatewayd.top.pace import Pace, told
from gatewayd.top.text import Line, Style

SEVERITIES = ("critical", "warning", "info")

_CLOCK = {
    "synchronized": ("", Style.PLAIN),
    "set": ("  clock not synchronized", Style.FAINT),
    "unset": ("  CLOCK NOT SET", Style.BAD),
}


def header(status: Answer, pace: Pace) -> Iterator[Line]:
    """Who it is, its sources, its uplink, its outbox, its alarms."""
    yield _name(status)
    yield _sources(status, pace)
    yield _uplink(status["uplink"], pace)
    yield _outbox(status)
    yield _alarms(status)


def _name(status: Answer) -> Line:
    name = (f"gatewayd {status['version']}  {status['gateway']}", Style.STRONG)
    count = len(status["problems"])
    problems = f"  {count} config problem{'' if count == 1 else 's'}: gatewayd status" if count else ""
    return name, (f"  up {span(status['seconds'])}", Style.PLAIN), _CLOCK[status["clock"]], (problems, Style.BAD)


def _sources(status: Answer, pace: Pace) -> Line:
    sources = status["sources"]
    well, bad = sum(each["state"] == "ok" for each in sources), sum(each["bad_count"] for each in sources)
    polls, failed, missed = (_sum(pace, counter) for counter in ("polls", "failed", "missed"))
    return (
        ("sources ", Style.FAINT),
        (f"{well} of {len(sources)} ok", Style.GOOD if well == len(sources) else Style.BAD),
        (f"  {bad} bad channels", Style.WARNING if bad else Style.FAINT),
        (f"  {told(polls)} polls/s", Style.PLAIN),
        (f"  {told(failed)} failed/s", Style.BAD if failed > 0 else Style.FAINT),
        (f"  {told(missed)} missed/s", Style.WARNING if missed > 0 else Style.FAINT),
    )


def _uplink(uplink: Answer, pace: Pace) -> Line:
    if uplink["connected"]:
        state = f"connected for {span(uplink['seconds'])}, {uplink['reconnects']} reconnects"
        paces = f"  {told(pace.of(lambda it: it['uplink']['acked']))} acknowledged/s"
    else:
        state, paces = f"away for {span(uplink['seconds'])}: {uplink['last_error'] or 'not connected yet'}", ""
    held = "  TAKES NO MORE FOR NOW" if uplink["connected"] and uplink["throttled"] else ""
    return (
        ("broker  ", Style.FAINT),
        (state, Style.GOOD if uplink["connected"] else Style.BAD),
        (held, Style.WARNING),
        (paces, Style.PLAIN),
    )


def _outbox(status: Answer) -> Line:
    outbox = status["outbox"]
    gone, trouble = outbox["lost"] + outbox["set_aside"], _trouble(status)
    return (
        ("outbox  ", Style.FAINT),
        (f"{outbox['waiting']} wait{_oldest(outbox)}", Style.PLAIN),
        (f"  {gone} lost or set aside", Style.BAD if gone else Style.FAINT),
        (f"  {_written(status)}", Style.PLAIN),
        (f"  DISK: {trouble}" if trouble else "", Style.BAD),
    )


def _trouble(status: Answer) -> str:
    """What is wrong with the disk, the worst of it."""
    kept = (f"{part}: {status[part]['failing']}" for part in ("evidence", "record") if status[part]["failing"])
    return next(filter(None, (status["outbox"]["failing"], status["storage"]["problem"], *kept)), "")


def _written(status: Answer) -> str:
    """How much the disk must bear; what was written in the first minutes says little about a day."""
    storage = status["storage"]
    if status["seconds"] < HOUR:
        return f"{storage['written'] / 1e6:.1f} MB written so far"
    return f"{storage['written_per_day'] / 1e6:.0f} MB written a day"


def _oldest(outbox: Answer) -> str:
    return f" (up to {span(outbox['oldest'])})" if outbox["waiting"] and (outbox["oldest"] or 0) >= 1 else ""


def _alarms(status: Answer) -> Line:
    counts = Counter(each["severity"] for each in status["alarms"])
    unseen = sum(not each["acknowledged"] for each in status["alarms"])
    open_ones = ", ".join(f"{counts[each]} {each}" for each in SEVERITIES if counts[each]) or "none"
    style = Style.BAD if counts["critical"] else Style.WARNING if counts else Style.GOOD
    judging = sum(each["state"] in ("failing", "stuck") for each in status["calculations"])
    more = (
        f"  {unseen} not acknowledged" if unseen else "",
        f"  {len(status['shelved'])} shelved" if status["shelved"] else "",
        f"  {len(status['maintenance'])} in maintenance" if status["maintenance"] else "",
        f"  {len(status['suspended'])} rules not judged" if status["suspended"] else "",
    )
    failing = f"  {judging} calculations failing" if judging else ""
    return ("alarms  ", Style.FAINT), (open_ones, style), ("".join(more), Style.PLAIN), (failing, Style.BAD)


def _sum(pace: Pace, counter: str) -> float:
    return sum(pace.counted(counter).values())

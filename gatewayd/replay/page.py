"""The page of a replay: what was raised and why, the channels, and how it all compares with labels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from gatewayd.engine.plan import Condition
from gatewayd.pages.drawing import svg
from gatewayd.pages.page import Judgement, Page, Section, Table
from gatewayd.replay.alarms import Episode
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.pictures import Marks, Panel, timeline
from gatewayd.replay.telling import facts, lasting, summary, warnings, why
from gatewayd.replay.times import shown

PANELS = 24
"""So many channels are shown in pictures."""
LISTED = 500
"""So many alarms are listed."""
LIMITED = (Condition.ABOVE, Condition.BELOW, Condition.OUTSIDE)
HOW = "Red: an alarm is raised. Dashed: a limit. "
LABELLED = "Grey: labelled in the recording."


def page_of(replayed: Replayed) -> Page:
    """All of it."""
    names = ", ".join(path.name for path in replayed.paths[:3]) + (" ..." if len(replayed.paths) > 3 else "")
    title = f"{names} by {replayed.config.path.name}"
    said = [Judgement(each, alarming=_alarming(each, replayed)) for each in _paragraphs(summary(replayed))]
    said += [Judgement(f"warning: {warning}") for warning in warnings(replayed)]
    return Page(title, facts(replayed), said, list(_sections(replayed)))


def _paragraphs(lines: Iterable[str]) -> list[str]:
    """Lines with those that belong to them, which begin with spaces."""
    paragraphs: list[str] = []
    for line in lines:
        if line.startswith(" ") and paragraphs:
            paragraphs[-1] += f"; {line.strip()}"
        else:
            paragraphs.append(line)
    return paragraphs


def _alarming(line: str, replayed: Replayed) -> bool:
    return any(line.startswith(f"{each.rule}:") for each in replayed.outcome.alarms.episodes)


def _sections(replayed: Replayed) -> Iterator[Section]:
    marks = _marks(replayed)
    note = HOW + (LABELLED if marks.labels else "")
    derived, measured = _panels(replayed, derived=True), _panels(replayed, derived=False)
    if derived:
        yield Section("Scores and what else is judged", svg(timeline(derived[:PANELS], marks)), note)
    if replayed.outcome.alarms.episodes:
        yield Section("Alarms", _alarms(replayed), _left(len(replayed.outcome.alarms.episodes), LISTED, "alarms"))
    if replayed.outcome.alarms.news:
        rows = [(shown(each.time, dated=replayed.dated), each.text) for each in replayed.outcome.alarms.news[:LISTED]]
        yield Section("Models and bearings", Table(("time", "what was said"), rows, whole=frozenset((0,))))
    if measured:
        left = _left(len(measured), PANELS, "channels")
        yield Section("Channels", svg(timeline(measured[:PANELS], marks)), note + left)


def _marks(replayed: Replayed) -> Marks:
    outcome = replayed.outcome
    alarms = [(each.begun, each.until(outcome.last)) for each in outcome.alarms.episodes]
    labels = [] if outcome.labels is None else [(each.begin, each.end) for each in outcome.labels.spans]
    return Marks(alarms, labels, outcome.first, outcome.last, replayed.dated)


def _panels(replayed: Replayed, *, derived: bool) -> list[Panel]:
    channels, traces = replayed.config.plan.channels, replayed.outcome.traces
    return [_panel(replayed, number) for number in traces if channels[number].derived == derived]


def _panel(replayed: Replayed, number: int) -> Panel:
    plan, (traces, column) = replayed.config.plan, replayed.outcome.traces[number]
    channel = plan.channels[number]
    rules = [rule for rule in plan.rules if rule.channel == number and rule.condition in LIMITED]
    limits = [limit for rule in rules for limit in (rule.low, rule.high) if math.isfinite(limit)]
    unit = f" in {channel.unit}" if channel.unit not in ("", "1") else ""
    return Panel(f"{channel.name}{unit}", *traces.channel(column), limits, always=channel.derived)


def _alarms(replayed: Replayed) -> Table:
    heading = ("raised", "for", "rule", "severity", "why")
    rows = [_row(each, replayed) for each in replayed.outcome.alarms.episodes[:LISTED]]
    return Table(heading, rows, whole=frozenset((0, 1)))


def _row(episode: Episode, replayed: Replayed) -> tuple[str, ...]:
    alarm, last = episode.raised, replayed.outcome.last
    still = "" if episode.ended is not None else " (to the end)"
    when = shown(episode.begun, dated=replayed.dated)
    return (
        when,
        lasting(episode.until(last) - episode.begun) + still,
        alarm.rule,
        str(alarm.severity),
        "; ".join(why(alarm)),
    )


def _left(count: int, most: int, what: str) -> str:
    return f" The first {most} of {count} {what} are shown." if count > most else ""

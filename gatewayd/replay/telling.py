"""Telling: what a replay came to, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from gatewayd.config.words import listed, quoted, spell
from gatewayd.engine.alarms.causes import cause_in_words
from gatewayd.engine.plan import Condition, PlannedRule
from gatewayd.records import Alarm, AlarmKind
from gatewayd.replay.alarms import Episode
from gatewayd.replay.labels import Labels
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.times import shown

SECOND = 1_000_000_000
LEAST = 0.05
"""A cause with a smaller share is not said."""
MOST = 100
"""So many alarms are listed one by one."""
UNUSUAL = 1.5
"""Rows that are further apart than so many intervals of their source, or closer by as much, are worth a warning."""


def lasting(ns: int) -> str:
    """A length of time for people: the two largest units that it has."""
    seconds = ns / SECOND
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, hours, days = (round(seconds), round(seconds / 60), round(seconds / 3600))
    if seconds < 3600:
        return _two(minutes, 60, "min", "s")
    return _two(hours, 60, "h", "min") if seconds < 86400 else _two(days, 24, "d", "h")


def warnings(replayed: Replayed) -> Iterator[str]:
    """What whoever replays this should know, because it may not be what they meant."""
    outcome = replayed.outcome
    yield from replayed.remarks
    if replayed.untaken:
        yield f"no channel has the columns {listed(replayed.untaken)}"
    if replayed.unfed:
        yield f"no column is of the sources {listed(replayed.unfed)}"
    if outcome.left_out:
        what = "its time cannot be read, or is not after the one before"
        fix = "; sort it by time, the earliest row first" if outcome.left_out > outcome.rows / 2 else ""
        left_out = f"{_some(outcome.left_out, 'row')} left out of judging (first: line {outcome.first_left_out})"
        yield f"{left_out}: {what}{fix}"
    if outcome.short:
        yield f"{_some(outcome.short, 'row')} with fewer cells than the heading: what is missing is taken to be empty"
    yield from unjudged(replayed)
    fed = set(replayed.channels.values())
    for group in replayed.config.plan.groups:
        if fed & set(group.channels) and outcome.step and not _near(outcome.step, group.interval):
            apart = (
                f"rows are {lasting(outcome.step)} apart, but {group.source} is polled every {lasting(group.interval)}"
            )
            yield f'{apart}: set interval = "{spell(outcome.step)}" in [sources.{group.source}]'


def unjudged(replayed: Replayed) -> Iterator[str]:
    """Rules whose channel should have had values and never had a good one, so that their silence means nothing.

    Channels that are not in the recording, and what is computed from one of them, should have none.
    """
    plan, fed = replayed.config.plan, set(replayed.channels.values())
    missing = tuple(f"{each.name}." for n, each in enumerate(plan.channels) if n not in fed and not each.derived)
    for number, (traces, column) in replayed.outcome.traces.items():
        name = plan.channels[number].name
        rules = [rule.name for rule in plan.rules if rule.channel == number and _speaks_of_values(rule)]
        if rules and not name.startswith(missing) and not len(traces.channel(column)[0]):
            yield f"never judged: {listed(rules)}, because no good value of {quoted(name)} came"


def _speaks_of_values(rule: PlannedRule) -> bool:
    return rule.condition is not Condition.STALE and rule.kind is AlarmKind.MACHINE


def lines(replayed: Replayed) -> Iterator[str]:
    """The whole of it."""
    outcome = replayed.outcome
    yield f"{replayed.title}: {facts(replayed)}{_speed(replayed)}"
    yield from (f"  {shown(each.time, dated=replayed.dated)}  {each.text}" for each in outcome.alarms.news[:MOST])
    for episode in outcome.alarms.episodes[:MOST]:
        yield from _alarm(episode, replayed)
    if len(outcome.alarms.episodes) > MOST:
        yield f"  and {len(outcome.alarms.episodes) - MOST} more alarms"
    yield from (f"  {line}" for line in summary(replayed))


def facts(replayed: Replayed) -> str:
    """From when to when, and how many rows."""
    outcome, dated = replayed.outcome, replayed.dated
    when = f"{shown(outcome.first, dated=dated)} to {shown(outcome.last, dated=dated)}"
    channels = _some(len(replayed.channels), "channel")
    return f"{when} ({lasting(outcome.last - outcome.first)}), {_some(outcome.rows, replayed.what)} of {channels}"


def summary(replayed: Replayed) -> Iterator[str]:
    """Each rule's alarms together, and how they compare with labels."""
    outcome = replayed.outcome
    episodes = outcome.alarms.episodes
    rules = dict.fromkeys(each.rule for each in episodes)
    if not rules:
        yield "no alarms"
    for rule in rules:
        own = [each for each in episodes if each.rule == rule]
        total = sum(each.until(outcome.last) - each.begun for each in own)
        yield f"{rule}: {_some(len(own), 'alarm')}, {lasting(total)} in all"
    if outcome.changes:
        yield _some(len(outcome.changes), "change point")
    if outcome.labels is not None:
        yield from compared(outcome.labels, replayed)


def compared(labels: Labels, replayed: Replayed) -> Iterator[str]:
    """How alarms and change points compare with labels."""
    outcome = replayed.outcome
    score = labels.score(outcome.alarms.episodes, outcome.last)
    if labels.labelled:
        late = f", {lasting(sorted(score.delays)[len(score.delays) // 2])} late (median)" if score.delays else ""
        yield f"labels: {score.found} of {_some(score.spans, 'labelled span')} found{late}"
        share = _share(labels.labelled_in_alarm, labels.labelled)
        yield f"  {share} of the {_some(labels.labelled, 'labelled row')} in alarm"
    if labels.labelled or labels.healthy:
        false = _some(len(score.false), "alarm") + " without any labelled row"
        yield f"  {_share(labels.healthy_in_alarm, labels.healthy)} of the other {labels.healthy:,} in alarm; {false}"
    if labels.changes:
        found = labels.changes_found(outcome.changes)
        yield f"labels: {found} of {_some(len(labels.changes), 'labelled change')} told within a minute"


def why(alarm: Alarm) -> list[str]:
    """The reason of an alarm, and those of its causes that this does not name, as far as they matter."""
    further = [each for each in alarm.causes if each.share >= LEAST and each.channel not in alarm.reason]
    return [alarm.reason, *map(cause_in_words, further)]


def _alarm(episode: Episode, replayed: Replayed) -> Iterator[str]:
    alarm, outcome, dated = episode.raised, replayed.outcome, replayed.dated
    length = lasting(episode.until(outcome.last) - episode.begun)
    still = ", still there at the end" if episode.ended is None else ""
    yield f"  {shown(episode.begun, dated=dated)}  {alarm.rule} ({alarm.severity}) for {length}{still}"
    yield from (f"      {line}" for line in why(alarm))


def _speed(replayed: Replayed) -> str:
    outcome = replayed.outcome
    times = (outcome.last - outcome.first) / SECOND / outcome.seconds if outcome.seconds else 0
    return f", {times:,.0f} times as fast as it happened" if times else ""


def _near(step: int, interval: int) -> bool:
    return interval / UNUSUAL < step < interval * UNUSUAL


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _two(small: int, per: int, larger: str, smaller: str) -> str:
    large, rest = divmod(small, per)
    return f"{large} {larger} {rest} {smaller}" if rest else f"{large} {larger}"

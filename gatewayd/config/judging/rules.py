"""Rules: each `[rules.NAME]` table becomes one condition of one channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.settings import Rule
from gatewayd.config.reader import read_table
from gatewayd.config.words import did_you_mean, listed, quoted, spell
from gatewayd.duration import Duration
from gatewayd.engine.plan import Condition, PlannedRule

OVER = Duration(10)
"""The seconds over which a rate of change is taken, if the rule does not say it."""
CONDITIONS = frozenset(Condition)
NOT = "not "
"""What `while` begins with when the rule is judged while the channel is 0."""
TIMED = (Condition.STALE, Condition.FLAT)
"""Conditions whose own value is a duration."""

Fault = tuple[str, str, str]
"""A key of a rule, what is wrong with it, and what would be right."""


class RuleTables:
    """Enters tables of rules into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Rule] = {}
        self._draft = draft
        self._groups: dict[str, list[Place]] = {}

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan one rule."""
        before = len(place.findings)
        rule = read_table(raw, Rule, place, {"channel": ""}).record
        condition = _condition(raw, place)
        if rule is None:
            return
        if rule.group is not None:
            self._groups.setdefault(rule.group, []).append(place.at("group"))
        who = f"rule {quoted(name)}"
        channel = self._draft.find(rule.channel, place.at("channel"), who)
        gate = self._gate(rule.while_, place.at("while"), who)
        if condition is None:
            return
        haste = [] if channel is None else self._haste(rule, condition, channel)
        for key, what, fix in [*_contradictions(rule, condition), *haste]:
            place.at(key).wrong(what, fix)
        if channel is not None and len(place.findings) == before:
            self.settings[name] = rule
            source = self._draft.channels[channel].source
            asset = self._draft.assets.get(source, source)
            self._draft.rules.append(_planned(name, rule, condition, channel, gate=gate, asset=asset))

    def finish(self) -> None:
        """Note groups in which nothing can be first."""
        for group, places in self._groups.items():
            if len(places) == 1:
                others = [each for each in self._groups if each != group]
                fix = did_you_mean(group, others) or "give it to the rules that tell of the same trouble, or remove it"
                places[0].wrong(f"no other rule is in the group {quoted(group)}", fix)

    def _gate(self, text: str | None, place: Place, who: str) -> int | None:
        """The number of the channel that `while` names, with or without `not`."""
        return None if text is None else self._draft.find(text.removeprefix(NOT).strip(), place, who)

    def _haste(self, rule: Rule, condition: Condition, channel: int) -> Iterator[Fault]:
        """A span within which the channel cannot have two values."""
        pace, span = self._draft.paces[channel], _span(rule, condition)
        if span and span < 2 * pace:
            key = "over" if condition is Condition.RATE else condition.value
            what = f"{key} = {spell(span)} is shorter than two intervals of {rule.channel} ({spell(pace)} each)"
            yield key, what, f'write {key} = "{spell(2 * pace)}" or more'


def _condition(raw: Mapping[str, Any], place: Place) -> Condition | None:
    """The one condition that a rule must have."""
    given = [Condition(key) for key in raw if key in CONDITIONS]
    if len(given) == 1:
        return given[0]
    if not given:
        place.wrong("the rule has no condition", f"give one of {listed(Condition)}")
    elif set(given) == {Condition.ABOVE, Condition.BELOW}:
        place.at(given[1]).wrong("a rule has one condition, not two", "write outside = [low, high]")
    else:
        fix = "keep one of them, and make rules of their own for the others"
        place.at(given[1]).wrong(f"a rule has one condition, not {listed(given)}", fix)
    return None


def _span(rule: Rule, condition: Condition) -> int:
    if condition is Condition.RATE:
        return (rule.over or OVER).nanoseconds
    span: Duration | None = getattr(rule, condition) if condition in TIMED else None
    return span.nanoseconds if span else 0


def _contradictions(rule: Rule, condition: Condition) -> Iterator[Fault]:
    """Keys that do not go together."""
    deadband = rule.deadband or 0.0
    if rule.over is not None and condition is not Condition.RATE:
        yield "over", f"over has no meaning with {condition}", "it belongs to rate_above; remove it"
    if rule.deadband is not None and condition is Condition.STALE:
        yield "deadband", "deadband has no meaning with stale", "remove it"
    if rule.rate_above is not None and deadband >= rule.rate_above:
        what = "with this deadband the alarm could never clear"
        yield "deadband", what, f"make it less than {rule.rate_above:g}"
    if rule.outside is not None:
        yield from _faulty_limits(*rule.outside, deadband)


def _faulty_limits(low: float, high: float, deadband: float) -> Iterator[Fault]:
    if low >= high:
        fix = f"write outside = [{high:g}, {low:g}]" if low > high else "write outside = [low, high]"
        yield "outside", "the first limit must be below the second", fix
    elif deadband >= high / 2 - low / 2:
        what = "with this deadband the alarm could never clear: nothing is left between the limits"
        yield "deadband", what, f"make it less than {high / 2 - low / 2:g}"


def _planned(name: str, rule: Rule, condition: Condition, channel: int, *, gate: int | None, asset: str) -> PlannedRule:
    low, high = rule.outside or (rule.below, rule.above if condition is Condition.ABOVE else rule.rate_above)
    return PlannedRule(
        name=name,
        channel=channel,
        condition=condition,
        low=float("-inf") if low is None else low,
        high=float("inf") if high is None else high,
        deadband=rule.deadband or 0.0,
        span=_span(rule, condition),
        on_delay=rule.for_.nanoseconds,
        off_delay=rule.off_delay.nanoseconds,
        gate=gate,
        inverted=gate is not None and (rule.while_ or "").startswith(NOT),
        severity=rule.severity,
        text=rule.text,
        latch=rule.latch,
        group=rule.group or "",
        asset=asset,
    )

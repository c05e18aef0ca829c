"""Sensors: each `[sensors.NAME]` table becomes checks of some channels, their faults' channels, and rules for these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.rules import NOT
from gatewayd.config.judging.settings import Check, Sensor
from gatewayd.config.reader import mentioned, read_table
from gatewayd.config.words import listed, quoted, spell
from gatewayd.engine.plan import Condition, PlannedChannel, PlannedRule, PlannedSensor
from gatewayd.records import AlarmKind

FAULT = "fault"
"""What the channel of a sensor's fault is called, behind the sensor's own name."""
INTERVALS = 10
"""An alarm clears when nothing has been found for so many intervals, or `LEAST` ns."""
LEAST = 10_000_000_000
BELONGS = {"range": Check.RANGE, "flat": Check.STUCK, "jump": Check.JUMPS, "dropouts": Check.DROPOUTS}
"""Keys, and what must be checked for them to mean anything."""

Fault = tuple[str, str, str]
"""A key of a table, what is wrong with it, and what would be right."""


class SensorTables:
    """Enters tables of sensors into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Sensor] = {}
        self._draft = draft
        self._owners: dict[int, str] = {}

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan the checks of one table."""
        before = len(place.findings)
        table = read_table(raw, Sensor, place, {"channels": ()}).record
        if table is None:
            return
        numbers = self._draft.matching(table.channels, place.at("channels"), place.table)
        for key, what, fix in [*_faults(table, mentioned(raw, Sensor)), *self._haste(table, numbers)]:
            place.at(key).wrong(what, fix)
        free = [number for number in numbers if self._is_free(number, place)]
        if any(finding.fatal for finding in place.findings[before:]):
            self._draft.faulty |= {f"{self._draft.channels[number].name}.{FAULT}" for number in free}
            return
        self.settings[name] = table
        outputs = {number: self._derive(number, place) for number in free}
        self._draft.afterwards.append(partial(self._plan, name, table, outputs, place))

    def _is_free(self, number: int, place: Place) -> bool:
        """Whether no other table checks the channel, which is noted otherwise."""
        owner = self._owners.setdefault(number, place.table)
        if owner != place.table:
            channel = quoted(self._draft.channels[number].name)
            place.at("channels").wrong(
                f"{owner} checks {channel} already", "one table checks a channel; change a pattern"
            )
        return owner == place.table

    def _haste(self, table: Sensor, numbers: list[int]) -> Iterator[Fault]:
        """A rest that is too short for a channel to have three values in it."""
        slowest = max(numbers, key=self._draft.paces.__getitem__, default=None)
        if table.flat is None or slowest is None:
            return
        pace, channel = self._draft.paces[slowest], self._draft.channels[slowest].name
        if table.flat.nanoseconds < 2 * pace:
            span = spell(table.flat.nanoseconds)
            what = f"flat = {span} is shorter than two intervals of {channel} ({spell(pace)} each)"
            yield "flat", what, f'write flat = "{spell(2 * pace)}" or more'

    def _derive(self, number: int, place: Place) -> int:
        """Number the channel of a sensor's fault."""
        channel = self._draft.channels[number]
        fault = PlannedChannel(f"{channel.name}.{FAULT}", "", channel.source, derived=True)
        return self._draft.derive(fault, self._draft.paces[number], place.table, place)

    def _plan(self, name: str, table: Sensor, outputs: dict[int, int], place: Place) -> None:
        """Plan the checks and the rules: tables that came later may derive what tells that the machine runs.

        Where that cannot be had, nothing is checked that depends on it.
        """
        draft, gate = self._draft, None
        if table.while_ is not None:
            gate = draft.find(table.while_.removeprefix(NOT).strip(), place.at("while"), f"the gate of {place.table}")
        for number, output in outputs.items():
            sensor = _planned(name, table, number, output, draft.ranges.get(number))
            source = draft.channels[number].source
            asset = draft.assets.get(source, source)
            if table.while_ is None:
                gate = draft.numbers.get(f"asset.{asset}.running")
            elif gate is None:
                sensor = replace(sensor, rest=0, mount=False)
            draft.sensors.append(replace(sensor, gate=gate, inverted=(table.while_ or "").startswith(NOT)))
            draft.rules.append(_rule(draft.channels[output].name, table, output, draft.paces[number], asset))


def _faults(table: Sensor, given: set[str]) -> Iterator[Fault]:
    """Keys that do not go together."""
    if not table.check:
        yield "check", "nothing is checked", f"name some of {listed(Check)}, or leave the key out for all"
    for key, check in BELONGS.items():
        if key in given and check not in table.check:
            yield (
                key,
                f"{key} has no meaning without {quoted(check)} in check",
                f"add {quoted(check)} to check, or remove {key}",
            )
    if table.range is not None and table.range[0] >= table.range[1]:
        low, high = table.range
        fix = f"write range = [{high:g}, {low:g}]" if low > high else "write range = [low, high]"
        yield "range", "the first end of the range must be below the second", fix


def _planned(name: str, table: Sensor, number: int, output: int, known: tuple[float, float] | None) -> PlannedSensor:
    infinite = float("-inf"), float("inf")
    low, high = (table.range or known or infinite) if Check.RANGE in table.check else infinite
    rest = -1 if table.flat is None else table.flat.nanoseconds
    return PlannedSensor(
        name=name,
        channel=number,
        outputs=(output,),
        low=low,
        high=high,
        rest=rest if Check.STUCK in table.check else 0,
        jump=(table.jump or 0.0) if Check.JUMPS in table.check else infinite[1],
        dropouts=table.dropouts if Check.DROPOUTS in table.check else infinite[1],
        mount=Check.MOUNT in table.check,
    )


def _rule(name: str, table: Sensor, output: int, pace: int, asset: str) -> PlannedRule:
    return PlannedRule(
        name=name,
        channel=output,
        condition=Condition.ABOVE,
        high=0.0,
        on_delay=2 * pace if table.for_ is None else table.for_.nanoseconds,
        off_delay=max(LEAST, INTERVALS * pace),
        severity=table.severity,
        text=table.text,
        kind=AlarmKind.SENSOR,
        asset=asset,
    )

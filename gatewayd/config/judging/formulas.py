"""Formulas: each `[calculated.NAME]` table becomes a channel that follows from others, among them those of formulas."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.settings import Formula
from gatewayd.config.reader import read_table
from gatewayd.config.words import quoted
from gatewayd.engine.plan import PlannedChannel, PlannedFormula
from gatewayd.formulas import parser
from gatewayd.formulas.notation import FormulaError

LATER = ("total", "asset", "health", "trend")
"""What the names begin with of channels that are derived when all formulas are worked out."""


class Written(msgspec.Struct, frozen=True):
    """A table that can be read, with its formula."""

    name: str
    unit: str
    formula: parser.Formula
    place: Place


class FormulaTables:
    """Enters tables of formulas into a draft, all together: they may refer to each other in any order."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Formula] = {}
        self._draft = draft
        self._places: dict[str, Place] = {}

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Take one table in."""
        self._places[name] = place
        table = read_table(raw, Formula, place).record
        if table is None:
            self._draft.faulty.add(_channel(name))
        else:
            self.settings[name] = table

    def finish(self) -> None:
        """Plan all of them, each after those that it needs."""
        known = {*self._draft.numbers, *self._draft.gone, *map(_channel, self._places)}
        read = (self._read(name, table, known) for name, table in self.settings.items())
        written = {_channel(each.name): each for each in read if each is not None}
        for each in self._sorted(written):
            self._plan(each)

    def _read(self, name: str, table: Formula, known: set[str]) -> Written | None:
        place = self._places[name]
        try:
            formula = parser.parse(table.formula, known)
        except FormulaError as error:
            place.at("formula").wrong(f"formula: {error.what}, at character {error.at + 1}", error.fix)
        else:
            if formula.channels:
                return Written(name, table.unit, formula, place)
            place.at("formula").wrong("the formula names no channel", "write its value where it is used")
        self._draft.faulty.add(_channel(name))
        return None

    def _sorted(self, written: dict[str, Written]) -> Iterator[Written]:
        """Those that can be worked out, in the order in which they can; of each circle it is noted that it is one."""
        while True:
            needs = {name: [each for each in its.formula.channels if each in written] for name, its in written.items()}
            try:
                return (written[name] for name in tuple(TopologicalSorter(needs).static_order()))
            except CycleError as error:
                self._note_circle(list(reversed(error.args[1][1:])), written)

    def _note_circle(self, circle: list[str], written: dict[str, Written]) -> None:
        first = min(map(list(written).index, circle))
        start = circle.index(list(written)[first])
        circle = circle[start:] + circle[:start]
        way = " needs ".join([*circle, circle[0]])
        place = written[circle[0]].place.at("formula")
        place.wrong(f"{circle[0]} is calculated from itself: {way}", "take one of them out of the other's formula")
        for name in circle:
            self._draft.faulty.add(name)
            del written[name]

    def _plan(self, written: Written) -> None:
        draft, called, place = self._draft, _channel(written.name), written.place
        found = {channel: self._find(channel, place) for channel in written.formula.channels}
        inputs = tuple(number for number in found.values() if number is not None)
        if len(inputs) == len(found):
            channel = PlannedChannel(called, written.unit, draft.channels[inputs[0]].source, derived=True)
            output = draft.derive(channel, max(draft.paces[number] for number in inputs), place.table, place)
            draft.derivers.append(PlannedFormula(written.name, inputs, (output,), written.formula.program))
        elif lost := [why for channel, number in found.items() if number is None and (why := draft.why_lost(channel))]:
            draft.gone[called] = lost[0]
        else:
            draft.faulty.add(called)

    def _find(self, channel: str, place: Place) -> int | None:
        """The number of a channel; None when there is none, which is noted."""
        at, draft = place.at("formula"), self._draft
        before, _, behind = channel.partition("-")
        if channel in draft.numbers or draft.why_lost(channel) or draft.open or draft.blind:
            return draft.find(channel, at, place.table)
        if channel.partition(".")[0] in LATER:
            what = f"{quoted(channel)} cannot be used in a formula"
            at.wrong(what, "totals, assets, models and forecasts come after all formulas, and may use them")
        elif "." in before and "." in behind:
            fix = f"a minus between names has spaces around it: {before} - {behind}"
            at.wrong(f"unknown channel {quoted(channel)}", fix)
        else:
            draft.find(channel, at, place.table)
        return None


def _channel(name: str) -> str:
    return f"calculated.{name}"

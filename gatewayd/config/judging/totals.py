"""Totals: each `[totals.NAME]` table becomes the total of a rate, with the time that it misses, or of a counter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.settings import Total
from gatewayd.config.reader import read_table
from gatewayd.config.words import quoted
from gatewayd.engine.plan import PlannedChannel, PlannedTotal

SECOND = 1_000_000_000
CODES: Mapping[str, int] = MappingProxyType({"s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND})
"""UCUM codes of the units of time that a rate may have, in ns."""
PER: Mapping[int, str] = MappingProxyType(dict(zip(CODES.values(), ("1s", "1m", "1h", "1d"), strict=True)))
"""How they are written in a config."""

Fault = tuple[str, str, str]
"""A key of a total, what is wrong with it, and what would be right."""


class TotalTables:
    """Enters tables of totals into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Total] = {}
        self._draft = draft

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan one total."""
        draft, called, before = self._draft, f"total.{name}", len(place.findings)
        table = read_table(raw, Total, place, {"channel": ""}).record
        channel = None if table is None else draft.find(table.channel, place.at("channel"), place.table)
        if table is not None and channel is not None:
            for key, what, fix in _faults(table, draft.channels[channel].unit):
                place.at(key).wrong(what, fix)
        why = "" if table is None or channel is not None else draft.why_lost(table.channel)
        if why:
            draft.gone |= {called: why, f"{called}.missed": why}
        elif table is None or channel is None or len(place.findings) > before:
            draft.faulty.add(called)
        else:
            self.settings[name] = table
            self._plan(name, table, channel, place)

    def _plan(self, name: str, table: Total, channel: int, place: Place) -> None:
        draft, called, origin = self._draft, f"total.{name}", self._draft.channels[channel]
        per = 0 if table.counter else _per(table, origin.unit)
        unit = _unit(origin.unit, per) if table.unit is None else table.unit
        derived = [PlannedChannel(called, unit, origin.source, derived=True)]
        if per:
            derived.append(PlannedChannel(f"{called}.missed", "s", origin.source, derived=True))
        outputs = tuple(draft.derive(each, draft.paces[channel], place.table, place) for each in derived)
        draft.derivers.append(PlannedTotal(name, (channel,), outputs, per, table.wrap or 0.0))


def _faults(table: Total, unit: str) -> Iterator[Fault]:
    """Keys that do not go together, or with the unit of the channel."""
    told = CODES.get(_divided(unit)[1])
    if table.counter:
        if table.per is not None:
            yield "per", "per has no meaning with a counter", "it belongs to a rate; remove it"
        return
    if table.wrap is not None:
        yield "wrap", "wrap has no meaning with a rate", "add counter = true if the channel counts"
    elif table.per is None and told is None:
        of = f"in {unit}" if unit else "without a unit"
        fix = 'add per = "1s", "1m" or "1h", or counter = true if it counts'
        yield "channel", f"{table.channel} is {of}, which does not tell the unit of time of a rate", fix
    elif table.per is not None and told is not None and told != table.per.nanoseconds:
        what = f"per = {quoted(PER[table.per.nanoseconds])}, but {table.channel} is in {unit}"
        yield "per", what, f'write per = "{PER[told]}", or leave it out'


def _per(table: Total, unit: str) -> int:
    return CODES[_divided(unit)[1]] if table.per is None else table.per.nanoseconds


def _unit(unit: str, per: int) -> str:
    """The unit of a total: l/min gives l, kW gives kW.h with an hour."""
    amount, code = _divided(unit)
    if per == 0 or not unit:
        return unit
    if code in CODES:
        return amount
    return next(f"{unit}.{code}" for code, length in CODES.items() if length == per)


def _divided(unit: str) -> tuple[str, str]:
    """A unit without what it is divided by at its end, and that."""
    amount, slash, code = unit.rpartition("/")
    return (amount or "1", code) if slash else (unit, "")

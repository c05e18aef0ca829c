"""Forecasts: each `[forecasts.NAME]` table becomes the days until a channel reaches a limit, with their range."""

from __future__ import annotations

from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.settings import Forecast
from gatewayd.config.reader import read_table
from gatewayd.config.words import spell
from gatewayd.engine.plan import PlannedChannel, PlannedForecast
from gatewayd.forecasts.points import MOST

CHANNELS = ("days", "earliest", "latest", "slope")
"""What is derived of a forecast."""


class ForecastTables:
    """Enters tables of forecasts into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Forecast] = {}
        self._draft = draft

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan one forecast."""
        draft, called = self._draft, f"trend.{name}"
        table = read_table(raw, Forecast, place, {"channel": "", "limit": 0.0}).record
        channel = None if table is None else draft.find(table.channel, place.at("channel"), place.table)
        why = "" if table is None or channel is not None else draft.why_lost(table.channel)
        if why:
            draft.gone |= {f"{called}.{each}": why for each in CHANNELS}
        elif table is None or channel is None or self._too_short(table, channel, place):
            draft.faulty.add(called)
        else:
            self.settings[name] = table
            self._plan(name, table, channel, place)

    def _too_short(self, table: Forecast, channel: int, place: Place) -> bool:
        """Whether there are stretches of time without a value, which is noted."""
        pace = self._draft.paces[channel]
        if table.over.nanoseconds >= MOST * pace:
            return False
        what = f"over = {spell(table.over.nanoseconds)} is too short"
        fix = f'{table.channel} has a value every {spell(pace)}: write over = "{spell(MOST * pace)}" or more'
        place.at("over").wrong(what, fix)
        return True

    def _plan(self, name: str, table: Forecast, channel: int, place: Place) -> None:
        draft, origin = self._draft, self._draft.channels[channel]
        units = ("d", "d", "d", f"{origin.unit or 1}/d")
        every = table.over.nanoseconds // MOST
        derived = [
            PlannedChannel(f"trend.{name}.{each}", unit, origin.source, derived=True)
            for each, unit in zip(CHANNELS, units, strict=True)
        ]
        days, earliest, latest, slope = (draft.derive(each, every, place.table, place) for each in derived)
        draft.derivers.append(PlannedForecast(name, (channel,), (days, earliest, latest, slope), table.limit, every))

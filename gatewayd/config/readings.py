"""Readings: the channels of `[readings]`, by the groups in which they are read."""

from __future__ import annotations

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.settings import Readings
from gatewayd.engine.plan import PlannedReadings


def plan_readings(table: Readings, draft: Draft, place: Place) -> None:
    """Enter the readings into the draft. A pattern may match waveforms too; they are not sent as they are."""
    groups: dict[int, list[int]] = {}
    for number in draft.matching(table.channels, place.at("channels"), place.table):
        if number in draft.columns:
            group, column = draft.columns[number]
            groups.setdefault(group, []).append(column)
    for group, columns in sorted(groups.items()):
        draft.readings.append(PlannedReadings(group, tuple(sorted(columns)), table.every.nanoseconds))

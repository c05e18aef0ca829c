"""Readings: every value of the chosen channels, a few polls to a record."""

from __future__ import annotations

import numpy as np

from gatewayd.engine.plan import Plan, PlannedReadings
from gatewayd.model import Bytes, Floats, Polled, Quality, Readings


class GatheredReadings:
    """The polls of one group that wait to be sent together."""

    def __init__(self, plan: Plan, readings: PlannedReadings, boot: str) -> None:
        group = plan.groups[readings.group]
        self._boot = boot
        self._source = group.source
        self._columns = None if len(readings.columns) == len(group.channels) else np.asarray(readings.columns)
        self._channels = tuple(
            plan.channels[group.channels[column]].name.removeprefix(f"{group.source}.") for column in readings.columns
        )
        self._every = readings.every
        # A poll that comes half an interval after this would make the first one wait too long.
        self._full = readings.every - group.interval // 2
        self._times: list[int] = []
        self._values: list[Floats] = []
        self._qualities: list[Bytes] = []

    def push(self, polled: Polled) -> Readings | None:
        """Take one poll in; give all that wait when the first of them has waited long enough."""
        self._times.append(polled.time)
        columns = self._columns
        self._values.append(polled.values if columns is None else polled.values[columns])
        self._qualities.append(polled.qualities if columns is None else polled.qualities[columns])
        return self.take() if polled.time - self._times[0] >= self._full else None

    def due(self, time: int) -> Readings | None:
        """What waits, if it has waited long enough at `time` although no further poll came."""
        return self.take() if self._times and time - self._times[0] >= self._every else None

    def take(self) -> Readings | None:
        """All that waits, now."""
        if not self._times:
            return None
        values = np.array(self._values)
        qualities = np.array(self._qualities)
        qualities[~np.isfinite(values) & (qualities <= Quality.UNCERTAIN)] = Quality.BAD
        readings = Readings(
            boot=self._boot,
            source=self._source,
            channels=self._channels,
            times=np.array(self._times, dtype="<i8").tobytes(),
            values=values.astype("<f8", copy=False).tobytes(),
            qualities=qualities.tobytes() if qualities.any() else b"",
        )
        self._times, self._values, self._qualities = [], [], []
        return readings


class ReadingsStage:
    """All groups of which every reading is wanted."""

    def __init__(self, plan: Plan, boot: str) -> None:
        self._all = [GatheredReadings(plan, readings, boot) for readings in plan.readings]
        self._by_group: list[list[GatheredReadings]] = [[] for _ in plan.groups]
        for readings, gathered in zip(plan.readings, self._all, strict=True):
            self._by_group[readings.group].append(gathered)

    def push(self, polled: Polled) -> list[Readings]:
        """Take one poll in and give the records that are full."""
        full = [gathered.push(polled) for gathered in self._by_group[polled.group]]
        return [readings for readings in full if readings is not None]

    def due(self, time: int) -> list[Readings]:
        """The records that have waited long enough."""
        return [readings for gathered in self._all if (readings := gathered.due(time)) is not None]

    def take(self) -> list[Readings]:
        """Everything that waits, at the end."""
        return [readings for gathered in self._all if (readings := gathered.take()) is not None]

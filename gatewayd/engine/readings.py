"""Readings: every value of the chosen channels, a few polls to a record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gatewayd.engine.plan import Plan, PlannedReadings
from gatewayd.model import Bytes, Floats, Polled, Quality
from gatewayd.records import Readings

MOST_NUMBERS = 4096
"""Values and times in one record: as JSON, a number takes 29 bytes at most, and brokers may refuse 128 kB."""


class GatheredReadings:
    """The polls of one group that wait to be sent together."""

    def __init__(self, plan: Plan, readings: PlannedReadings, boot: str) -> None:
        group = plan.groups[readings.group]
        self._boot = boot
        self._source = group.source
        whole = readings.columns == tuple(range(len(group.channels)))
        self._columns = None if whole else np.asarray(readings.columns, dtype=np.intp)
        self._channels = tuple(plan.channels[group.channels[column]].short_name for column in readings.columns)
        self._every = readings.every
        # Half an interval of tolerance: whether a poll still belongs to the span must not hang on its jitter.
        self._last = readings.every - group.interval - group.interval // 2
        self._most = max(1, MOST_NUMBERS // (len(readings.columns) + 1))
        self._times: list[int] = []
        self._values: list[Floats] = []
        self._qualities: list[Bytes] = []
        self.begun = False
        """Whether a record was given yet."""

    def push(self, polled: Polled) -> Readings | None:
        """Take one poll in; give all that wait when the next poll would be a whole `every` after the first of them.

        A record that has grown large enough does not wait for that, nor does the first poll of all: someone may be
        watching whether it works.
        """
        columns = self._columns
        self._times.append(polled.time)
        self._values.append(polled.values if columns is None else polled.values[columns])
        self._qualities.append(polled.qualities if columns is None else polled.qualities[columns])
        over = polled.time - self._times[0] >= self._last or not self.begun
        return self.take() if over or len(self._times) >= self._most else None

    def due(self, time: int) -> Readings | None:
        """What waits, if it has waited long enough at `time` although no further poll came."""
        return self.take() if self._times and time - self._times[0] >= self._every else None

    def take(self) -> Readings | None:
        """All that waits, now, in the order of its times; polls without a new value are left out."""
        if not self._times:
            return None
        times = np.array(self._times, dtype="<i8")
        values = np.array(self._values, dtype="<f8")
        qualities = np.array(self._qualities)
        self._times, self._values, self._qualities = [], [], []
        if qualities.any():
            new = (qualities != Quality.ABSENT).any(axis=1)
            times, values, qualities = times[new], values[new], qualities[new]
        if (times[1:] < times[:-1]).any():
            order = times.argsort(kind="stable")
            times, values, qualities = times[order], values[order], qualities[order]
        if not len(times):
            return None
        self.begun = True
        return self._record(times, values, qualities)

    def _record(self, times: NDArray[np.int64], values: Floats, qualities: Bytes) -> Readings:
        qualities[~np.isfinite(values) & (qualities <= Quality.UNCERTAIN)] = Quality.BAD
        return Readings(
            boot=self._boot,
            source=self._source,
            channels=self._channels,
            times=times.tobytes(),
            values=values.tobytes(),
            qualities=qualities.tobytes() if qualities.any() else b"",
        )


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

    def begun(self, group: int) -> bool:
        """Whether all records of the group have begun to be given."""
        return all(gathered.begun for gathered in self._by_group[group])

    def due(self, time: int) -> list[Readings]:
        """The records that have waited long enough."""
        return [readings for gathered in self._all if (readings := gathered.due(time)) is not None]

    def take(self) -> list[Readings]:
        """Everything that waits, at the end."""
        return [readings for gathered in self._all if (readings := gathered.take()) is not None]

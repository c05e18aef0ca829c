"""Drawn: channels whose values come together, on their way into traces; many rows at once are quick to draw."""

from __future__ import annotations

import numpy as np

from gatewayd.model import Bytes, Floats, Quality
from gatewayd.replay.traces import Traces

ROWS = 4096
"""Rows that are gathered before they are drawn."""


class Drawn:
    """The values of so many channels (`width`), and the `traces` that have those that were drawn."""

    def __init__(self, width: int) -> None:
        self.traces = Traces(width)
        self._times: list[int] = []
        self._values: list[Floats] = []
        self._qualities: list[Bytes] = []

    def add(self, time: int, values: Floats, qualities: Bytes) -> None:
        """One row, which is kept; one that is earlier than the last one is left out."""
        if self._times and time < self._times[-1]:
            return
        self._times.append(time)
        self._values.append(values)
        self._qualities.append(qualities)
        if len(self._times) >= ROWS:
            self.draw()

    def draw(self) -> None:
        """Let the traces have what was gathered."""
        if not self._times:
            return
        usable = np.concatenate(self._qualities) <= Quality.UNCERTAIN
        values = np.where(usable, np.concatenate(self._values), np.nan).reshape(len(self._times), -1)
        self.traces.add(np.array(self._times, dtype=np.int64), values)
        self._times, self._values, self._qualities = [], [], []

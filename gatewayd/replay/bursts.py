"""Bursts: a recording of a waveform as a channel of the config would have yielded it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatewayd.config import Config
from gatewayd.config.words import listed
from gatewayd.errors import ReplayError
from gatewayd.model import Burst
from gatewayd.replay.judging import Judging
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.traces import Traces
from gatewayd.replay.waveforms import Recorded, pieces, read


@dataclass(frozen=True, slots=True)
class Waveform:
    """What is needed to read one: the `column` of a file with several, the `rate` (Hz) where the file has none."""

    column: str | None = None
    rate: float | None = None


def replay_waveform(config: Config, channel: int, path: Path, wanted: Waveform) -> Replayed:
    """Replay a waveform as the channel of this number, in pieces of a second. Raises ReplayError, AnalysisError."""
    recorded = _chosen(path, read(path, wanted.rate), wanted.column)
    begun, judging = time.perf_counter(), Judging(config)
    outcome, traces = judging.outcome(), Traces(1)
    outcome.traces[channel] = traces, 0
    for item in pieces(channel, recorded):
        judging.feed(item)
        if isinstance(item, Burst):
            times = item.time + np.round(np.arange(len(item.values)) / item.rate * 1e9).astype(np.int64)
            traces.add(times, item.values.astype(np.float64)[:, None])
            outcome.first = outcome.first if outcome.rows else item.time
            outcome.last = int(times[-1])
            outcome.rows += 1
    judging.settle()
    outcome.seconds = time.perf_counter() - begun
    unfed = [name for name in config.sources if name != config.plan.channels[channel].source]
    return Replayed([path], config, {recorded.name: channel}, outcome, (), unfed, what="burst")


def _chosen(path: Path, recorded: list[Recorded], column: str | None) -> Recorded:
    found = [each for each in recorded if column in (None, each.name)]
    if len(found) == 1:
        return found[0]
    has = f"it has the columns {listed(each.name for each in recorded)}"
    what = f"there is no column {column!r}" if column is not None else has
    raise ReplayError(str(path), what, has if column is not None else "choose one with --column")

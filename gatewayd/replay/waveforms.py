"""Waveforms: the channels of a recording of them, read by the `file` plugin as the gateway would read them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gatewayd.duration import Duration
from gatewayd.errors import AnalysisError, PluginError
from gatewayd.model import Burst, Input, Signal, Tick, Waveform
from gatewayd.plugin import OptionError, Source, SourceError
from gatewayd.registry.registry import Registry

SECOND = 1_000_000_000
"""ns; a recording of waveforms begins at this time."""
PIECE = 1.0
"""Seconds of a piece, when nothing else is known."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One channel of a recording: `values` in `unit`, `rate` Hz. `gap`: values are missing in it."""

    name: str
    values: Signal
    rate: float
    unit: str = ""
    gap: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.values) / self.rate


def read(path: Path, rate: float | None = None, unit: str = "") -> list[Recorded]:
    """All channels of a file. Raises AnalysisError."""
    options: dict[str, Any] = {"path": path, "burst": "0s", "pace": "poll"}
    if rate is not None:
        if not 0 < rate < math.inf:
            raise AnalysisError(str(path), f"{rate:g} is no rate", "give the values a second: --rate 12000")
        options["rate"] = rate
    try:
        source = msgspec.convert(options, Registry().source_type("file"), dec_hook=_option)
        given = asyncio.run(_given(source))
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, OptionError):
            raise _unreadable(path, cause.what, cause.fix) from None
        raise _unreadable(path, str(error)) from None
    except (SourceError, PluginError) as error:
        raise _unreadable(path, str(error)) from None
    return [Recorded(each.channel, _finite(path, each), each.rate, unit, each.gap) for each in given]


def pieces(channel: int, recorded: Recorded, piece: float = PIECE) -> Iterator[Input]:
    """A recording as the channel with this number yields it: bursts of so many seconds, and a tick after each."""
    size = max(1, min(len(recorded.values), round(piece * recorded.rate)))
    for begin in range(0, len(recorded.values) - size + 1, size):
        time = SECOND + round(begin / recorded.rate * SECOND)
        values = recorded.values[begin : begin + size]
        yield Burst(channel, time, recorded.rate, values, gap=recorded.gap)
        yield Tick(time + round(size / recorded.rate * SECOND))


async def _given(source: Source) -> list[Waveform]:
    await source.open()
    given = await source.poll(source.polls(1.0)[0])
    await source.close()
    return [each for each in given if isinstance(each, Waveform)] if isinstance(given, Iterable) else []


def _unreadable(path: Path, what: str, fix: str = "") -> AnalysisError:
    """The plugin names the file, too; once is enough."""
    return AnalysisError(str(path), what.removeprefix(str(path)).lstrip(": "), fix)


def _finite(path: Path, waveform: Waveform) -> Signal:
    values: Signal = np.asarray(waveform.values)
    if not np.isfinite(values).all():
        bad = int(np.flatnonzero(~np.isfinite(values))[0])
        raise AnalysisError(
            str(path), f"value {bad + 1} of {waveform.channel} is not a finite number; cut the file there"
        )
    return values


def _option(kind: type, value: Any) -> Any:
    if kind is Duration:
        return Duration.parse(value)
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)

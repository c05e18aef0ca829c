"""Charts of one line of text: a channel's values over the whole timeline, each column coloured by its phase."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from gatewayd_plugins.simulator.demo.story import Channel
from gatewayd_plugins.simulator.demo.timeline import Phase, Timeline

BLOCKS = "▁▂▃▄▅▆▇█"
COLOURS = {Phase.HEALTHY: "green", Phase.FAULT: "red", Phase.RECOVERY: "cyan"}
NARROWEST = 0.25
"""The least range of a chart, as a part of its values: noise stays small."""


def phases(timeline: Timeline, width: int) -> Text:
    """The heading of all charts: which columns are which phase."""
    names = {Phase.HEALTHY: "healthy", Phase.FAULT: timeline.fault.value, Phase.RECOVERY: "recovery"}
    columns = [timeline.phase(time) for time in _middles(timeline, width)]
    heading = Text()
    for phase in dict.fromkeys(columns):
        heading.append(
            f"{names[phase]} ".ljust(columns.count(phase) - 1, "─")[: columns.count(phase) - 1], COLOURS[phase]
        )
        heading.append(" ")
    return heading


def chart(channel: Channel, timeline: Timeline, width: int) -> Text:
    """The channel's mean in each column of time; a column without a value goes on with the last one."""
    means = _means(channel, timeline.seconds / width, width)
    known = [mean for mean in means if mean is not None]
    text = Text()
    if not known:
        return text
    low, high = _range(known)
    for time, mean in zip(_middles(timeline, width), means, strict=True):
        if mean is None:
            text.append(" ")
            continue
        level = round((mean - low) / (high - low) * (len(BLOCKS) - 1))
        text.append(BLOCKS[level], COLOURS[timeline.phase(time)])
    return text


def _middles(timeline: Timeline, width: int) -> list[float]:
    return [(column + 0.5) * timeline.seconds / width for column in range(width)]


def _means(channel: Channel, span: float, width: int) -> list[float | None]:
    columns: list[list[float]] = [[] for _ in range(width)]
    for time, value in zip(channel.times, channel.values, strict=True):
        if math.isfinite(value):
            columns[min(max(int(time / span), 0), width - 1)].append(value)
    newest = max((n for n, column in enumerate(columns) if column), default=-1)
    means: list[float | None] = [None] * width
    for n in range(newest + 1):
        column = columns[n]
        means[n] = sum(column) / len(column) if column else means[n - 1] if n else None
    return means


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The ends of a chart's scale: those of the values, set wider when these hardly move."""
    low, high = min(values), max(values)
    room = max(NARROWEST * max(abs(low), abs(high)) - (high - low), 1e-9) / 2.0
    return low - room, high + room

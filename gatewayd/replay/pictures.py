"""The pictures of a replay: channels over time with their limits, where alarms were raised, what is labelled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from gatewayd.model import Floats
from gatewayd.pages.drawing import INK, plots
from gatewayd.replay.times import Times

ALARM, LABEL = "#c1272d", "#8a8a8a"
HEIGHT = 1.25
"""Inches of a panel."""
GAP = 5
"""Values that are so many times as far apart as usual are not joined."""
LEAST = 1_000_000_000
"""ns that are shown at least."""
NARROWEST = 400
"""A span is drawn as wide as a part of so many of the whole at least."""
NEAR = 1.0
"""A limit is shown when it is no further from the values than so many times their range."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One channel: the lowest and highest values around each time (ns), and the limits that it is judged by."""

    title: str
    times: Times
    low: Floats
    high: Floats
    limits: Sequence[float] = ()
    always: bool = False
    """Whether limits are shown however far away they are."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Spans of time (ns) that are marked, and the times between which all is shown; `dated`: times are dates."""

    alarms: Sequence[tuple[int, int]]
    labels: Sequence[tuple[int, int]]
    first: int
    last: int
    dated: bool

    def place(self, times: Iterable[int]) -> Any:
        """Times as they are drawn."""
        ns = np.fromiter(times, np.int64)
        return ns.astype("datetime64[ns]") if self.dated else ns / 1e9


def timeline(panels: Sequence[Panel], marks: Marks) -> Figure:
    """All panels below each other."""
    figure, axes = plots(len(panels), HEIGHT)
    for each, panel in zip(axes, panels, strict=True):
        _mark(each, marks)
        _draw(each, panel, marks)
    begin, end = marks.place([marks.first, max(marks.last, marks.first + LEAST)])
    axes[-1].set_xlim(begin, end)
    if marks.dated:
        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        axes[-1].xaxis.set_major_locator(locator)
        axes[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    else:
        axes[-1].set_xlabel("s")
    return figure


def _draw(axes: Axes, panel: Panel, marks: Marks) -> None:
    axes.set_title(panel.title, loc="left", fontsize=9, pad=3)
    if not len(panel.times):
        return
    times, low, high = _parted(panel)
    axes.fill_between(marks.place(times), low, high, color=INK, linewidth=0.7, edgecolor=INK)
    bottom, top = float(panel.low.min()), float(panel.high.max())
    for limit in panel.limits:
        if panel.always or bottom - NEAR * (top - bottom) <= limit <= top + NEAR * (top - bottom):
            axes.axhline(limit, color=ALARM, linewidth=0.9, linestyle="--")


def _parted(panel: Panel) -> tuple[Times, Floats, Floats]:
    """The values with nothing between those that are far apart."""
    steps = np.diff(panel.times)
    if not len(steps):
        return panel.times, panel.low, panel.high
    wide = np.flatnonzero(steps > GAP * np.median(steps)) + 1
    times = np.insert(panel.times, wide, panel.times[wide] - 1)
    return times, np.insert(panel.low, wide, np.nan), np.insert(panel.high, wide, np.nan)


def _mark(axes: Axes, marks: Marks) -> None:
    """Alarms lie over what is measured: among values that fill a panel a short one would not be seen."""
    least = (marks.last - marks.first) // NARROWEST
    for spans, colour, alpha, order in ((marks.labels, LABEL, 0.25, 0.5), (marks.alarms, ALARM, 0.25, 2.5)):
        for span in _merged(spans, least):
            begin, end = marks.place(span)
            axes.axvspan(begin, end, facecolor=colour, alpha=alpha, linewidth=0, zorder=order)


def _merged(spans: Sequence[tuple[int, int]], least: int) -> list[tuple[int, int]]:
    """Spans that can be seen, each of which is `least` ns at least: those that are nearer to each other become one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        wide = max(end, begin + least)
        if merged and begin <= merged[-1][1] + least:
            merged[-1] = (merged[-1][0], max(merged[-1][1], wide))
        else:
            merged.append((begin, wide))
    return merged

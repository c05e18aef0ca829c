"""The pictures: a waveform and its spectra with their lines named, drawn by matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gatewayd.analysis.machine import Line
from gatewayd.features.units import ACCELERATIONS
from gatewayd.model import Floats, Signal
from gatewayd.pages.drawing import COLUMNS, INK, plot, with_unit

COLOURS = {"shaft": "#8a8a8a", "outer race": "#c1272d", "inner race": "#0b6e4f", "ball": "#8e44ad"}
LOWEST = -5.0
"""dB: what lies lower in an envelope spectrum says nothing."""


def waveform(values: Signal, rate: float, unit: str) -> Figure:
    """All values over time."""
    figure, axes = plot("time in s", with_unit("acceleration" if unit in ACCELERATIONS else "value", unit))
    low, high = _extremes(values)
    times = np.arange(len(low)) * (len(values) / len(low)) / rate
    axes.fill_between(times, low, high, color=INK, linewidth=0.6, edgecolor=INK)
    axes.margins(x=0)
    return figure


def spectrum(frequencies: Floats, amplitudes: Floats, unit: str, lines: Iterable[Line], until: float) -> Figure:
    """Amplitudes over frequency up to `until` Hz."""
    figure, axes = plot("frequency in Hz", with_unit("amplitude", unit))
    inside = frequencies <= until
    shown, peaks = _highest(frequencies[inside], amplitudes[inside])
    axes.plot(shown, peaks, color=INK, linewidth=0.8)
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    _name(axes, [line for line in lines if line.frequency <= until], COLOURS["outer race"])
    return figure


def envelope(frequencies: Floats, levels: Floats, faults: Sequence[tuple[str, Sequence[Line]]], until: float) -> Figure:
    """The levels of an envelope spectrum up to `until` Hz, with the lines of each fault."""
    figure, axes = plot("frequency in Hz", "dB above its surroundings")
    inside = frequencies <= until
    axes.plot(frequencies[inside], levels[inside], color=INK, linewidth=0.8)
    axes.margins(x=0)
    for fault, lines in faults:
        colour = COLOURS.get(fault, INK)
        for line in (each for each in lines if each.frequency <= until):
            axes.axvline(line.frequency, color=colour, linewidth=0.8, linestyle="--", alpha=0.8)
        axes.plot([], [], color=colour, linestyle="--", linewidth=0.8, label=", ".join(each.name for each in lines))
    axes.set_ylim(bottom=LOWEST)
    if faults:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(faults), frameon=False, fontsize=8)
    return figure


def _name(axes: Axes, lines: Iterable[Line], colour: str) -> None:
    """Mark lines and write their names above the picture."""
    for line in lines:
        axes.axvline(line.frequency, color=colour, linewidth=0.7, linestyle="--", alpha=0.6)
        axes.annotate(
            line.name,
            (line.frequency, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            color=colour,
            fontsize=8,
        )


def _extremes(values: Signal) -> tuple[Floats, Floats]:
    """The lowest and highest values of each column of a picture; of few values the values themselves."""
    width = max(1, len(values) // COLUMNS)
    whole = values[: len(values) // width * width].reshape(-1, width).astype(np.float64)
    return whole.min(axis=1), whole.max(axis=1)


def _highest(frequencies: Floats, amplitudes: Floats) -> tuple[Floats, Floats]:
    """The highest amplitude of each column of a picture, at its own frequency."""
    width = max(1, len(amplitudes) // COLUMNS)
    count = len(amplitudes) // width
    places = amplitudes[: count * width].reshape(-1, width).argmax(axis=1) + np.arange(count) * width
    return frequencies[places], amplitudes[places]

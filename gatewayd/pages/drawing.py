"""Drawing: how all pictures look, and how matplotlib's become elements of a page."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMNS = 1500
"""A picture is so many points wide: of what lies between two of them, the lowest and the highest are drawn."""
INK = "#1f4e79"
"""What is measured; a page that is shown dark has a brighter one in its place."""
STYLE: Any = {
    "font.size": 9,
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "svg.hashsalt": "gatewayd",  # the same recording gives the same page
    "savefig.transparent": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "axes.axisbelow": True,
}


def plot(x: str, y: str) -> tuple[Figure, Axes]:
    """An empty picture with one pair of axes."""
    figure, axes = plots(1, 2.9)
    axes[0].set_xlabel(x)
    axes[0].set_ylabel(y)
    return figure, axes[0]


def plots(count: int, height: float) -> tuple[Figure, list[Axes]]:
    """An empty picture of several pairs of axes below each other, `height` inches each, that share what is below."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.5, count * height), layout="constrained")
        axes = figure.subplots(count, 1, sharex=True, squeeze=False)
    return figure, list(axes[:, 0])


def svg(figure: Figure) -> str:
    """A figure as an element of a page."""
    text = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def with_unit(what: str, unit: str) -> str:
    """The name of an axis."""
    return f"{what} in {unit}" if unit else what

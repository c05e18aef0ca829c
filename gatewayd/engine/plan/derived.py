"""What the plan says of channels that follow from the latest values of other channels.

All of these have `inputs` and `outputs`, numbers of channels: see `gatewayd.engine.derivers`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedFormula:
    """`[calculated.NAME]`: a channel that a formula gives.

    `program` is the formula in reverse Polish notation: numbers stand for themselves, `"$0"` for the first of `inputs`,
    any other text for an operator or a function.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int]
    program: tuple[float | str, ...]


@dataclass(frozen=True, slots=True)
class PlannedTotal:
    """`[totals.NAME]`: the integral of a rate over time, or a counter that has been unwrapped.

    `wrap`: the counter starts anew at this value; 0 for a rate, of which `per` is the ns of its unit of time.
    """

    name: str
    inputs: tuple[int]
    outputs: tuple[int]
    wrap: float = 0.0
    per: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PlannedAsset:
    """`[assets.NAME]`: the running state of a machine, by one channel and what it is above of while it runs.

    `outputs`: its state (0 off, 1 starting, 2 steady, 3 stopping), whether it runs, whether it is steady, whether it is
    in maintenance. Times are nanoseconds.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, int, int, int]
    above: float = 0.0
    deadband: float = 0.0
    starting: int = 0
    stopping: int = 0


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """`[models.NAME]`: what healthy looks like, learned from `inputs`; `outputs`: the health score, change points.

    It learns for `span` ns or `rows` rows of healthy running. `gate` is the place among `inputs` of a channel that is 0
    while the model rests, `point` that of the one by whose value (at `edges`) there is a baseline each; neither is
    judged. `sensitive`: an alarm too many rather than one too few. While its `asset` is in maintenance it rests too.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, int]
    span: int = 0
    rows: int = 0
    gate: int | None = None
    point: int | None = None
    edges: tuple[float, ...] = ()
    sensitive: bool = False
    asset: str = ""


@dataclass(frozen=True, slots=True)
class PlannedForecast:
    """`[forecasts.NAME]`: when the channel will reach the limit.

    `outputs`: days until then, the earliest and the latest days, the slope per day. Times are nanoseconds.
    """

    name: str
    inputs: tuple[int]
    outputs: tuple[int, int, int, int]
    limit: float
    span: int


PlannedDeriver = PlannedFormula | PlannedTotal | PlannedAsset | PlannedModel | PlannedForecast

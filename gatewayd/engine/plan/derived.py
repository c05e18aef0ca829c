"""What the plan says of channels that follow from the latest values of other channels.

All of these have `inputs` and `outputs`, numbers of channels: see `gatewayd.engine.deriving.derivers`.
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
    """`[totals.NAME]`: the integral of a rate over time, or what a counter has counted.

    `per` is the ns of the rate's unit of time, 0 for a counter, which starts anew at `wrap` (0: never). `outputs`: the
    total, and for a rate the seconds that are not in it.
    """

    name: str
    inputs: tuple[int]
    outputs: tuple[int, ...]
    per: int = 1_000_000_000
    wrap: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedAsset:
    """`[assets.NAME]`: the running state of a machine, by one channel and what it is above of while it runs.

    Without a limit (`above`) it runs while the channel is not 0. `inputs`: that channel, and that of a speed, if it is
    steady only at a steady speed. `outputs`: its state (0 off, 1 starting, 2 steady, 3 stopping), whether it runs,
    whether it is steady, whether it is in maintenance. Times are nanoseconds.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, int, int, int]
    above: float | None = None
    deadband: float = 0.0
    starting: int = 0
    stopping: int = 0


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """`[models.NAME]`: what healthy looks like, learned from `inputs`; `outputs`: the health score, change points.

    It learns for `span` ns or `rows` rows of healthy running. Of `inputs` those come first that are judged. Behind them
    are, at these places: `gate`, a channel that is 0 while the model rests (is not 0, if `inverted`); `steady`, the
    same of its machine's state, never inverted; `point`, by whose value (at `edges`) there is a baseline each.
    `sensitive`: an alarm too many rather than one too few; `adapt`: slow drift is followed. While its `asset` is in
    maintenance it rests too.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, int]
    span: int = 0
    rows: int = 0
    gate: int | None = None
    inverted: bool = False
    steady: int | None = None
    point: int | None = None
    edges: tuple[float, ...] = ()
    sensitive: bool = False
    adapt: bool = True
    asset: str = ""

    @property
    def judged(self) -> int:
        """How many of the inputs are judged."""
        behind = [place for place in (self.gate, self.steady, self.point) if place is not None]
        return min(behind, default=len(self.inputs))


@dataclass(frozen=True, slots=True)
class PlannedForecast:
    """`[forecasts.NAME]`: when the channel will reach the limit.

    `outputs`: days until then, the earliest and the latest days, the slope per day; told every so many ns.
    """

    name: str
    inputs: tuple[int]
    outputs: tuple[int, int, int, int]
    limit: float
    every: int


PlannedDeriver = PlannedFormula | PlannedTotal | PlannedAsset | PlannedModel | PlannedForecast


def leading(planned: PlannedDeriver) -> tuple[int, ...]:
    """Those of its inputs of which the slowest tells when it is asked: a model's gate may be slower than that."""
    return planned.inputs[: planned.judged] if isinstance(planned, PlannedModel) else planned.inputs

"""Scoring: rows are judged by what was fitted, and what moved the score is told."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Bytes, Floats
from gatewayd.models.fitted import Fitted, packed, unpacked
from gatewayd_ext.healthy import BOUND, MIX, SMOOTH
from gatewayd_ext.judging import Changes, Health

EDGES = {False: 1.75, True: 1.5}
"""Of the score in multiples of what was learned, by whether it is to be sensitive."""
CHANGE_EDGES = {False: 6.5, True: 4.5}
WATCHED = 0.75
"""The score from which it is watched since when each channel stands out."""
WILD = 4.0
"""Multiples of its learned energy from which the course of a channel stands out."""


@dataclass(frozen=True, slots=True)
class Share:
    """By how much of the score a channel moved it, and how.

    Its smoothed `value` against what is `normal` now, `low` and `high`; `part` says what stands out, `since` when (ns).
    Of a change point: its level after it, and before it as what was normal.
    """

    column: int
    share: float
    value: float
    normal: float
    low: float | None
    high: float | None
    part: str
    since: int | None


class Scoring:
    """Judges rows by one version of a model.

    After a restart there is no score until there are as many rows as it is smoothed over: an alarm that was raised
    before must not clear because nothing is known yet.
    """

    def __init__(self, fitted: Fitted, *, sensitive: bool, adapts: bool) -> None:
        self._fitted = fitted
        self._sensitive = sensitive
        self._adapts = adapts
        self._health = self._made()
        self._changes = Changes(fitted, CHANGE_EDGES[sensitive])
        self._reach = fitted.reach * EDGES[sensitive]
        columns = len(fitted.centre)
        self._parts = np.zeros((columns, 4))
        self._since: NDArray[np.int64] = np.full(columns, -1, dtype=np.int64)
        self._watching = False
        self._changed: int | None = None
        self._fresh = 0
        self.score = math.nan

    def step(self, time: int, values: Floats, qualities: Bytes, out: Floats) -> None:
        """Judge one row; `out` gets the score (NaN: there is none), and 1 at a change point, else 0."""
        score = self._health.step(values, qualities)
        if self._fresh and score == score:  # noqa: PLR0124 - not NaN
            self._fresh -= 1
            score = math.nan if self._fresh else score
        self.score = out[0] = score
        out[1] = changed = self._changes.step(values, qualities)
        if changed:
            self._changed = time
        if score >= WATCHED:
            self._watch(time)
        elif self._watching:
            self._since[:] = -1
            self._watching = False

    def restart(self) -> None:
        """The next row does not follow the last one."""
        self._health.restart()
        self._changes.restart()
        self._since[:] = -1
        self._fresh = int(SMOOTH)
        self.score = math.nan

    @property
    def awaited(self) -> str:
        """What the score waits for, after a restart; empty when it does not."""
        return f"it begins anew, {int(SMOOTH) - self._fresh} of {int(SMOOTH)} rows" if self._fresh else ""

    def explain(self) -> tuple[Share, ...]:
        """What moved the last score, the largest share first."""
        if math.isnan(self.score):
            return ()
        self._health.parts(self._parts)
        levels, courses = self._contributions()
        shares = levels + courses
        shares /= shares.sum() or 1.0
        order = np.argsort(-shares, kind="stable").tolist()
        return tuple(self._share(n, float(shares[n]), by_level=bool(levels[n] >= courses[n])) for n in order)

    def explain_change(self) -> tuple[Share, ...]:
        """What moved at the last change point, the largest share first; empty before there is one."""
        moved = np.zeros((len(self._parts), 3))
        self._changes.moved(moved)
        reaches = moved[:, 0]
        shares = reaches / (reaches.sum() or 1.0)
        order = np.argsort(-shares, kind="stable").tolist() if reaches.any() else []
        return tuple(
            Share(
                column=n,
                share=float(shares[n]),
                value=float(moved[n, 2]),
                normal=float(moved[n, 1]),
                low=None,
                high=None,
                part="step",
                since=self._changed,
            )
            for n in order
        )

    @property
    def adapted(self) -> float:
        """How much of what is followed at most is used up, 0 to 1."""
        return float(np.abs(self._shift()).max()) / BOUND

    def freeze(self, *, adapts: bool) -> None:
        """Follow slow drift or not; a change of that begins the score anew."""
        if adapts is not self._adapts:
            shift, self._adapts = self._shift(), adapts
            self._health = self._made()
            self._health.follow(shift)
            self._fresh = int(SMOOTH)

    def state(self) -> bytes:
        """What was followed."""
        return packed(self._shift())

    def restore(self, data: bytes) -> None:
        """Go on from what was followed. Raises ValueError for what cannot be that."""
        self._health.follow(unpacked(data, len(self._parts)))

    def _made(self) -> Health:
        return Health(self._fitted, EDGES[self._sensitive], adapts=self._adapts)

    def _shift(self) -> Floats:
        shift = np.empty(len(self._parts))
        self._health.shift(shift)
        return shift

    def _watch(self, time: int) -> None:
        """Note since when each channel stands out."""
        self._watching = True
        self._health.parts(self._parts)
        _, energy, value, normal = self._parts.T
        out = (np.abs(value - normal) > self._reach) | (energy > WILD)
        self._since = np.where(out, np.where(self._since < 0, time, self._since), -1)

    def _contributions(self) -> tuple[Floats, Floats]:
        """By how much each channel's level, and its course, move the score."""
        squares, energies = np.maximum(self._parts[:, 0], 0.0), self._parts[:, 1]
        level = MIX * math.sqrt(squares.sum()) / self._fitted.level_edge
        judged = self._fitted.judged
        powers = np.where(judged, energies, 0.0) ** 4
        total, count = float(powers.sum()), int(np.count_nonzero(judged)) or 1
        energy = (1.0 - MIX) * (total / count) ** 0.125 / self._fitted.energy_edge
        return squares * (level / (squares.sum() or 1.0)), powers * (energy / (total or 1.0))

    def _share(self, n: int, share: float, *, by_level: bool) -> Share:
        _, _, value, normal = self._parts[n].tolist()
        reach, since = float(self._reach[n]), int(self._since[n])
        outside = abs(value - normal) > reach / 2
        part = ("level" if outside else "relation to the others") if by_level else "course"
        return Share(
            column=n,
            share=share,
            value=value,
            normal=normal,
            low=normal - reach,
            high=normal + reach,
            part=part,
            since=since if since >= 0 else None,
        )

"""Fitting: rows of healthy running become what a score needs to know of them. What it fits is in the kernels' twins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Floats
from gatewayd.models.fitted import Fitted
from gatewayd_ext.healthy import BEFORE, HALF, ORDER, RECENT, SMOOTH, WILDEST

WINSOR = 4.0
"""Robust spreads from the median beyond which a value is pulled in: spikes do not make the normal wider."""
SHRINK, MANY = 0.2, 8
"""Of the covariances between channels: few rows tell little of them; of more than MANY channels, less in proportion."""
MOST_SHRUNK = 0.9
LEVEL_FLOOR, NOISE_FLOOR, CHANGE_FLOOR = 0.05, 0.1, 0.1
"""In learned spreads: smaller changes of a level, or of a course, or between two windows, are none."""
RIDGE = 1.0
QUANTILE = 0.99
"""Of what was learned: where its edges are."""
PIECE = 64
"""Rows that are smoothed at once."""
ENOUGH = 20
"""Rows from which an edge can be told."""

_NINE_TENTHS = 1.645  # of what is normally distributed are within so many standard deviations

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Standard:
    """Rows in spreads from their centre, spikes pulled in, and how many rows each is behind the last gap."""

    centre: Floats
    scale: Floats
    z: Floats
    since: NDArray[np.intp]

    @property
    def judged(self) -> Flags:
        return self.scale > 0


@dataclass(frozen=True, slots=True)
class _Levels:
    """Smoothed rows: their covariance, shrunk, its inverse, the edge of the distance, the spread of each."""

    covariance: Floats
    precision: Floats
    edge: float
    spread: Floats


@dataclass(frozen=True, slots=True)
class _Courses:
    """What foretells each channel from its last values, the energy of what that leaves, the edge of all energies."""

    course: Floats
    noise: Floats
    edge: float


def fit(rows: Floats, starts: Flags) -> Fitted:
    """Fit `rows` (float64, finite, the oldest first); `starts` marks those that do not follow the one before them."""
    standard = _standard(rows, starts)
    levels, courses = _levels(standard), _courses(standard)
    return Fitted(
        centre=standard.centre,
        scale=standard.scale,
        precision=levels.precision,
        course=courses.course,
        noise=courses.noise,
        change=_changes(standard, levels),
        reach=standard.scale * np.sqrt(np.diag(levels.covariance)) * levels.edge,
        level_edge=levels.edge,
        energy_edge=courses.edge,
    )


def _standard(rows: Floats, starts: Flags) -> _Standard:
    median = np.median(rows, axis=0)
    away = np.abs(rows - median)
    robust = np.maximum(1.4826 * np.median(away, axis=0), np.quantile(away, 0.9, axis=0) / _NINE_TENTHS)
    robust = np.where(robust > 0, robust, rows.std(axis=0))
    pulled = np.clip(rows, median - WINSOR * robust, median + WINSOR * robust)
    centre, scale = pulled.mean(axis=0), pulled.std(axis=0)
    rounding = 1e-9 * np.maximum(np.abs(median), np.finfo(np.float64).tiny)
    scale = np.where(scale <= rounding, 0.0, scale)
    z = np.where(scale > 0, (pulled - centre) / np.where(scale > 0, scale, 1.0), 0.0)
    numbers = np.arange(len(rows))
    return _Standard(centre, scale, z, numbers - np.maximum.accumulate(np.where(starts, numbers, 0)))


def _warm(standard: _Standard) -> Flags:
    """The rows in which nothing is left of what smoothing began with, or as little as can be had."""
    for least in (2 * SMOOTH, SMOOTH):
        warm = standard.since >= least
        if np.count_nonzero(warm) >= ENOUGH:
            return warm
    return np.ones(len(standard.since), dtype=np.bool_)


def _levels(standard: _Standard) -> _Levels:
    z = standard.z
    levels = _smoothed(z, standard.since, partial(_first_level, z))[_warm(standard)]
    covariance: Floats = np.atleast_2d(np.cov(levels.T, bias=True)).astype(np.float64)
    whole = np.diag(covariance) + LEVEL_FLOOR**2
    covariance *= 1.0 - min(MOST_SHRUNK, SHRINK * max(1.0, np.count_nonzero(standard.judged) / MANY))
    np.fill_diagonal(covariance, whole)
    judged: Floats = np.outer(standard.judged, standard.judged).astype(np.float64)
    precision: Floats = np.linalg.inv(covariance) * judged
    squares = np.einsum("ti,ij,tj->t", levels, precision, levels)
    edge = float(np.quantile(np.sqrt(np.maximum(squares, 0.0)), QUANTILE)) or 1.0
    return _Levels(covariance, precision, edge, levels.std(axis=0))


def _first_level(z: Floats, row: int) -> Floats:
    """What the level begins with at a row: the mean of the next ones, at the very first 0, as the kernel does."""
    first: Floats = z[row : row + int(SMOOTH)].mean(axis=0) if row else np.zeros(z.shape[1])
    return first


def _smoothed(rows: Floats, since: NDArray[np.intp], first: Callable[[int], Floats]) -> Floats:
    """Each row, smoothed over SMOOTH rows; `first` gives what that begins with, at a row behind a gap."""
    kept = 1.0 - 1.0 / SMOOTH
    age = np.subtract.outer(np.arange(PIECE), np.arange(PIECE))
    shares = np.where(age >= 0, kept ** np.maximum(age, 0) / SMOOTH, 0.0)
    fading = kept ** np.arange(1, PIECE + 1)[:, np.newaxis]
    smoothed = np.empty_like(rows)
    begins = np.flatnonzero(since % PIECE == 0).tolist()
    for begin, end in zip(begins, [*begins[1:], len(rows)], strict=True):
        before = first(begin) if since[begin] == 0 else smoothed[begin - 1]
        size = end - begin
        smoothed[begin:end] = shares[:size, :size] @ rows[begin:end] + fading[:size] * before
    return smoothed


def _courses(standard: _Standard) -> _Courses:
    z, judged = standard.z, standard.judged
    follows = standard.since >= ORDER
    past = np.stack([np.roll(z, back, axis=0) for back in range(1, ORDER + 1)], axis=-1)[follows]
    course = np.zeros((z.shape[1], ORDER))
    for channel in np.flatnonzero(judged).tolist():
        before = past[:, channel]
        moments = before.T @ before + RIDGE * np.eye(ORDER)
        course[channel] = np.linalg.solve(moments, before.T @ z[follows, channel])
    left = np.zeros_like(z)
    left[follows] = z[follows] - np.einsum("tnk,nk->tn", past, course)
    told = judged & follows.any()  # where no row follows two others there is nothing to foretell
    noise = np.where(told, (left**2).sum(axis=0) / max(np.count_nonzero(follows), 1) + NOISE_FLOOR**2, 1.0)
    return _Courses(course, noise, _energy_edge(standard, left**2 / noise, follows))


def _energy_edge(standard: _Standard, energies: Floats, follows: Flags) -> float:
    judged = standard.judged
    if not judged.any():
        return 1.0
    counted = np.where(follows[:, np.newaxis], np.minimum(energies, WILDEST), 1.0)
    smoothed = _smoothed(counted, standard.since, lambda _: np.ones(energies.shape[1]))
    roots = (smoothed[:, judged] ** 4).mean(axis=1) ** 0.125
    return float(np.quantile(roots[_warm(standard)], QUANTILE)) or 1.0


def _changes(standard: _Standard, levels: _Levels) -> Floats:
    """The spread of the difference between the means of two windows, one after the other, robust to steps in the rows.

    Where no run is long enough for both it follows from that of the levels, which are means of about twice SMOOTH rows.
    """
    ends = np.flatnonzero(standard.since >= RECENT + BEFORE) + 1
    if len(ends) >= ENOUGH:
        sums = np.vstack([np.zeros(standard.z.shape[1]), np.cumsum(standard.z, axis=0)])
        middle = ends - RECENT
        recent = (sums[ends] - sums[middle]) / RECENT
        before = (sums[middle] - sums[middle - BEFORE]) / BEFORE
        away = np.abs(recent - before)
        spread = (np.median(away, axis=0) / HALF + np.quantile(away, 0.9, axis=0) / _NINE_TENTHS) / 2.0
    else:
        spread = levels.spread * np.sqrt(1.0 + RECENT / BEFORE)
    return np.where(standard.judged, np.sqrt(spread**2 + CHANGE_FLOOR**2), 0.0)

"""The NumPy twin of the kernel Burst: slow, plain, the same in all it does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.burst_checks import check_burst, check_length
from gatewayd_ext.checks import check_rate
from gatewayd_ext.reference_features import features_of
from gatewayd_ext.reference_spectrum import spectral_features
from gatewayd_ext.terms import ANY, EVEN, Term, check_terms

__all__ = ["Burst"]

Floats = NDArray[np.float64]
Values = NDArray[np.float64] | NDArray[np.float32]

NAN = float("nan")


class Burst:
    """The features `terms` (of ANY and EVEN) of windows of `n` evenly spaced values.

    Raises ValueError for a length below 1 and for unknown terms.
    """

    def __init__(self, n: int, terms: Sequence[Term]) -> None:
        check_length(n)
        check_terms(terms, ANY, EVEN)
        self._n = n
        self._terms = tuple(terms)
        self._temporal = [place for place, term in enumerate(terms) if term.name in ANY]
        self._spectral = [place for place, term in enumerate(terms) if term.name in EVEN]

    def compute(self, values: Values, rate: float, out: Floats, shaft: float = NAN) -> None:
        """Write the features of one window into `out`, or those of each row of many.

        `values` is float64 or float32, (n,) or (rows, n), sampled at `rate` Hz; `out` is float64, (terms,) or
        (rows, terms). `shaft` is the shaft's speed in Hz, NaN when it is not known. A window that holds anything but
        finite numbers gives NaN throughout: features of half a burst would look whole. Raises TypeError or ValueError
        for other arrays, ValueError for a rate that is not a finite number above 0.
        """
        check_rate(rate)
        check_burst(values, out, self._n, len(self._terms))
        windows = np.atleast_2d(values).astype(np.float64)
        for window, row in zip(windows, np.atleast_2d(out), strict=True):
            row[:] = self._features(window, rate, shaft) if np.isfinite(window).all() else NAN

    def _features(self, values: Floats, rate: float, shaft: float) -> Floats:
        results = np.empty(len(self._terms))
        results[self._temporal] = features_of(self._chosen(self._temporal), np.arange(self._n) / rate, values)
        results[self._spectral] = spectral_features(values, rate, shaft, self._chosen(self._spectral))
        return results

    def _chosen(self, places: Sequence[int]) -> list[Term]:
        return [self._terms[place] for place in places]

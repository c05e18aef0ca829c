"""Bursts with known spectra, and their features from the kernel and from its NumPy twin."""

import numpy as np

from gatewayd_ext import burst, reference_burst
from gatewayd_ext.terms import Term

KINDS = {"compiled": burst.Burst, "twin": reference_burst.Burst}


def features(kind, values, rate, terms, shaft=np.nan):
    """What one kind of Burst gives for these terms, as a list."""
    out = np.full(len(terms), -77.0)
    KINDS[kind](len(values), tuple(terms)).compute(np.ascontiguousarray(values), rate, out, shaft)
    return out.tolist()


def feature(kind, values, rate, name, *parameters, shaft=np.nan, scale=1.0):
    return features(kind, values, rate, [Term(name, parameters, scale)], shaft)[0]


def tone(n, cycles, amplitude=1.0, phase=0.3, mean=0.0):
    """A sine with so many cycles in n values."""
    return mean + amplitude * np.cos(2 * np.pi * cycles / n * np.arange(n) + phase)

"""A guard of sensors, polled once a second."""

import math

import numpy as np

from gatewayd_ext.guarding import Checks

GOOD, UNCERTAIN, BAD, ABSENT = 0, 1, 2, 255
SECOND = 10**9
ALONE = Checks(rest=0, jump=math.inf, missing=math.inf)
"""Nothing is checked but what a test adds."""


class Watch:
    """A guard of some channels, polled once a second."""

    def __init__(self, kernels, *checks, interval=SECOND):
        self.guard = kernels.Guard(interval, checks)
        self.n = len(checks)
        self.time = 0
        self.interval = interval

    def poll(self, *values, qualities=None, missed=0, after=None):
        """The qualities and faults of one poll."""
        self.time += self.interval if after is None else after
        given = np.zeros(self.n, np.uint8) if qualities is None else np.array(qualities, np.uint8)
        self.guard.push(self.time, np.array(values, dtype=np.float64), given, missed)
        lowered, faults = np.empty(self.n, np.uint8), np.empty(self.n)
        self.guard.read(lowered, faults)
        return lowered.tolist(), [int(fault) for fault in faults]

    def polls(self, values, **more):
        """The same of many polls of the first channel: lists of qualities and of faults."""
        told = [self.poll(value, **more) for value in values]
        return [qualities[0] for qualities, _ in told], [faults[0] for _, faults in told]


def noise(n, seed=1, size=0.01):
    return (3.0 + np.random.default_rng(seed).normal(0.0, size, n)).tolist()

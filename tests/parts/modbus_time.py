"""Minutes of a Modbus line in a second: as simulated_time, but with real sockets, which get a moment to deliver."""

import selectors
from unittest import mock

import simulated_time

MOMENT = 0.003
"""Seconds in which what was sent on loopback arrives."""


def simulate_with_sockets(coroutine):
    """Run a coroutine in simulated time; give what it returns."""
    with mock.patch.object(simulated_time._Skipping, "select", _select):
        return simulated_time.simulate(coroutine)


def _select(self, timeout=None):
    if timeout is None or timeout <= 0:
        return selectors.DefaultSelector.select(self, timeout)
    ready = selectors.DefaultSelector.select(self, min(timeout, MOMENT))
    if not ready:
        self.now += timeout
    return ready

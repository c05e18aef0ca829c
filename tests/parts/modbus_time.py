"""Minutes of a Modbus line in a second: simulated time with real sockets, which get a moment to deliver."""

from gatewayd.testing import simulate

MOMENT = 0.003
"""Seconds in which what was sent on loopback arrives."""


def simulate_with_sockets(coroutine):
    """Run a coroutine in simulated time; give what it returns."""
    return simulate(coroutine, MOMENT)

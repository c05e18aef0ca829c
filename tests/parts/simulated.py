"""Tests in simulated time: what the machine does meanwhile changes no order of what they wait for."""

import functools

from modbus_time import MOMENT

from gatewayd.testing import simulate


def simulated(test, moment=0.0):
    """A test that is a coroutine, run in simulated time; see `simulate`."""

    @functools.wraps(test)
    def run(*arguments, **fixtures):
        simulate(test(*arguments, **fixtures), moment)

    return run


simulated_with_sockets = functools.partial(simulated, moment=MOMENT)
simulated_with_ports = functools.partial(simulated, moment=10 * MOMENT)
"""What is written to a pty arrives when a thread of the kernel's has had its turn."""

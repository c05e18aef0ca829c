"""Efforts: for how long a request keeps its line busy, as far as that is known before it is made. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatewayd.plugin import Effort
from gatewayd_plugins.modbus.planning.planner import Price
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.address import Address, SerialAddress

ASKING = 8
"""Bytes of a request on RTU: unit, function, address, count, checksum."""
AROUND_VALUES = 5
"""Bytes of an answer besides its values: unit, function, size, checksum."""
USUAL_TURNAROUND = 0.02
"""Seconds that a device on a serial line takes until it answers, if nobody says otherwise."""
USUAL_PORT = SerialAddress("", 19200)
"""What the planner takes a serial line behind a converter for."""
ROUND_TRIP = 0.01
"""Seconds between a request and its answer that the planner expects on TCP."""
PER_BYTE = 1e-6
"""Seconds a byte there: so that of two plans with as many requests the one with fewer bytes is taken."""


class Wire:
    """A line, and what the device on it takes until it answers: `turnaround` seconds, None: nobody says.

    `pause`: seconds that it must be left alone before each request.
    """

    def __init__(self, address: Address, turnaround: float | None, pause: float = 0.0) -> None:
        self._address = address
        self._habits = turnaround, pause
        self._is_timed = address.wire_time(1) > 0
        usual = USUAL_TURNAROUND if self._is_timed else 0.0
        self._each = (usual if turnaround is None else turnaround) + max(2 * address.gap, pause)

    @property
    def price(self) -> Price:
        """What requests cost, for the planner."""
        if not self._is_timed and self._address.serial:
            return Wire(USUAL_PORT, *self._habits).price
        if not self._is_timed:
            return Price(max(self._each, ROUND_TRIP), PER_BYTE)
        without_values = self._seconds(0)
        return Price(without_values, self._seconds(1) - without_values)

    def efforts(self, requests: Iterable[Request]) -> Sequence[Effort]:
        """What these requests ask of the line."""
        return [Effort(_in_words(each), self._seconds(each.size)) for each in requests]

    def _seconds(self, size: int) -> float:
        """For a request that is answered with so many bytes of values."""
        wire_time = self._address.wire_time
        return self._each + wire_time(ASKING) + wire_time(AROUND_VALUES + size)


def _in_words(request: Request) -> str:
    if request.count == 1:
        return str(request)
    return f"{request} ({request.count} {'bits' if request.table.of_bits else 'registers'})"

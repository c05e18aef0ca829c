"""Doubt: which requests on a serial line may still be answered, and how to find out. Pure.

An answer on RTU does not say what it answers: only the unit, the table and the size of the values are in it. So
when a request got no answer, a late one would be taken for that of the next request like it, and so on for ever. But
a device answers in order. Therefore the next request to that unit must have a size that none of the unanswered ones
has; once it is answered, all answers before it have come or never will.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatewayd_plugins.modbus.fields.registers import ADDRESSES, Table
from gatewayd_plugins.modbus.planning.requests import MOST_REGISTERS, Request

LATEST = 10.0
"""Seconds after which a request that got no answer will get none. No adapter or converter stores for so long."""

Signature = tuple[Table, int]


@dataclass(slots=True)
class Unanswered:
    """What was asked of a unit and not answered, and when that last happened."""

    signatures: set[Signature]
    since: float


class Doubts:
    """The requests that may still be answered, by unit. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._units: dict[int, Unanswered] = {}

    def unanswered(self, unit: int, request: Request, now: float) -> None:
        """A request was sent and got no answer, or one that nobody can be sure of."""
        unanswered = self._units.setdefault(unit, Unanswered(set(), now))
        unanswered.signatures.add(_signature(request))
        unanswered.since = now

    def answered(self, unit: int) -> None:
        """A request got data that can only be its own."""
        self._units.pop(unit, None)

    def units(self, now: float) -> list[int]:
        """The units from which an answer may still come."""
        return [unit for unit, each in self._units.items() if now - each.since <= LATEST]

    def of(self, unit: int, now: float) -> bool:
        """Whether an answer of this unit may still come."""
        unanswered = self._units.get(unit)
        if unanswered is not None and now - unanswered.since > LATEST:
            del self._units[unit]
            return False
        return unanswered is not None

    def mistakable(self, unit: int, request: Request, now: float) -> bool:
        """Whether an answer that comes now could be taken for that of `request` and is not."""
        return self.of(unit, now) and _signature(request) in self._units[unit].signatures

    def probe(self, unit: int, request: Request) -> Request | None:
        """What to ask before a request that is mistakable; None when all variants of it were asked in vain."""
        signatures = self._units[unit].signatures
        return next((probe for probe in _variants(request) if _signature(probe) not in signatures), None)


def _signature(request: Request) -> Signature:
    return request.table, request.size


def _variants(request: Request) -> Iterator[Request]:
    """The same request with answers of other sizes: shorter ones first, which stay within what the device has."""
    step = 8 if request.table.of_bits else 1
    steps = -(-request.count // step)
    most = min(MOST_REGISTERS * 16 // step if step == 8 else MOST_REGISTERS, (ADDRESSES - request.address) // step)
    for other in (*range(steps - 1, 0, -1), *range(steps + 1, most + 1)):
        yield Request(request.table, request.address, other * step)

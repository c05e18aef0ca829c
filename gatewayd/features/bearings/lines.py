"""Lines: where in the spectrum of the envelope each fault of a bearing shows, in orders of the shaft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewayd.features.bearings.geometry import Orders
from gatewayd.records import Fault

HARMONICS = 3
SIDEBAND_WEIGHT = 0.5
SLIP = (-0.02, 0.012)
"""How far a fault's lines may lie from where rolling without slip and the shaft's speed put them."""


@dataclass(frozen=True, slots=True)
class Family:
    """The lines of one fault: multiples of `order`, each with a sideband at `side` orders below and above (0: none)."""

    order: float
    side: float

    def lines(self) -> tuple[tuple[int, float, float], ...]:
        """Every line as (harmonic, distance from it in orders, weight)."""
        sides = ((-self.side, SIDEBAND_WEIGHT), (self.side, SIDEBAND_WEIGHT)) if self.side else ()
        return tuple((k, side, weight) for k in range(1, HARMONICS + 1) for side, weight in ((0.0, 1.0), *sides))

    def places(self) -> tuple[float, ...]:
        """The orders of all lines, without slip, rising."""
        return tuple(sorted(harmonic * self.order + side for harmonic, side, _ in self.lines()))


def families(orders: Orders) -> Mapping[Fault, Family]:
    """What each fault looks like.

    A flaw of the inner race passes through the loaded zone once a turn of the shaft, one of a ball once a turn of the
    cage: their impacts are modulated. A flaw of the outer race stays where the load is. A flaw of a ball strikes both
    races while it turns once, so that its lines are those of 2 x BSF.
    """
    return {
        Fault.OUTER_RACE: Family(orders.bpfo, 0.0),
        Fault.INNER_RACE: Family(orders.bpfi, 1.0),
        Fault.BALL: Family(2 * orders.bsf, orders.ftf),
    }


def highest(orders: Orders) -> float:
    """The order of the highest line of all."""
    return max(family.places()[-1] for family in families(orders).values())

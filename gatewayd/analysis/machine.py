"""The machine: what is known of it, and the names that its lines have in a spectrum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatewayd.features.bearings.geometry import Orders

SHAFT_LINES = 4
FAULT_LINES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a spectrum: its name and where it should be, in Hz."""

    name: str
    frequency: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A bearing: its `name`, the `orders` of its faults, the speed of its `shaft` in Hz (None: not known)."""

    name: str
    orders: Orders
    shaft: float | None

    def faults(self) -> Iterator[tuple[str, list[Line]]]:
        """The lines of each of its faults in an envelope spectrum, the shaft's first."""
        if self.shaft is None:
            return
        yield "shaft", [Line(f"{k}x", k * self.shaft) for k in range(1, FAULT_LINES + 1)]
        for fault, name, times, order in (
            ("outer race", "BPFO", 1, self.orders.bpfo),
            ("inner race", "BPFI", 1, self.orders.bpfi),
            ("ball", "BSF", 2, self.orders.bsf),
        ):
            places = [times * k for k in range(1, FAULT_LINES + 1)]
            yield fault, [Line(name if k == 1 else f"{k} {name}", k * order * self.shaft) for k in places]


@dataclass(frozen=True, slots=True)
class Machine:
    """The speed of its `shaft` in Hz, its number of `blades` (None: not known), its `bearings` that are heard."""

    shaft: float | None = None
    blades: int | None = None
    bearings: tuple[Heard, ...] = ()

    def lines(self) -> Iterator[Line]:
        """The lines of its shaft and blades."""
        if self.shaft is None:
            return
        for k in range(1, SHAFT_LINES + 1):
            yield Line(f"{k}x", k * self.shaft)
        if self.blades is not None and self.blades > SHAFT_LINES:
            yield Line(f"blades {self.blades}x", self.blades * self.shaft)

"""What follows from one input, gathered while the stages work on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatewayd.model import Request
from gatewayd.records import NOTHING, AnyRecord, Output, Saved


@dataclass(slots=True)
class Said:
    """What follows from one input, in the order in which it is told: what is urgent, and then `records`."""

    urgent: list[AnyRecord] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    records: list[AnyRecord] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def output(self, *, urgent: bool = False) -> Output:
        """All of it; what is urgent makes it so."""
        if not (self.urgent or self.records or self.requests or self.saved):
            return NOTHING
        records, requests = (*self.urgent, *self.records), tuple(self.requests)
        return Output(records, tuple(self.saved), urgent or bool(self.urgent), requests)

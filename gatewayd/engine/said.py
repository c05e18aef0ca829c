"""What follows from one input, gathered while the stages work on it."""

from __future__ import annotations

import msgspec

from gatewayd.model import Request
from gatewayd.records import NOTHING, AnyRecord, Output, Saved


class Said(msgspec.Struct, eq=False):
    """What follows from one input, in the order in which it is told: what is urgent, and then `records`."""

    urgent: list[AnyRecord] = []
    saved: list[Saved] = []
    records: list[AnyRecord] = []
    requests: list[Request] = []

    def output(self, *, urgent: bool = False) -> Output:
        """All of it; what is urgent makes it so."""
        if not (self.urgent or self.records or self.requests or self.saved):
            return NOTHING
        records, requests = (*self.urgent, *self.records), tuple(self.requests)
        return Output(records, tuple(self.saved), urgent or bool(self.urgent), requests)

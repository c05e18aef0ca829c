"""The rest of a model: when it neither learns nor judges, and why."""

from __future__ import annotations

from collections.abc import Mapping

from gatewayd.engine.deriving.maintenance import Maintenance
from gatewayd.engine.latest import Row
from gatewayd.engine.plan import Plan, PlannedModel
from gatewayd.model import Command, Quality
from gatewayd.records import Saved


class Rest:
    """What makes one model rest: its gate, its machine's state or maintenance, or an unknown operating point."""

    def __init__(self, planned: PlannedModel, plan: Plan, boot: str) -> None:
        self._maintenance = Maintenance(planned.asset, boot)
        gates = ((planned.gate, planned.inverted), (planned.steady, False))
        self._gates = [
            (place, plan.channels[planned.inputs[place]].name, inverted)
            for place, inverted in gates
            if place is not None
        ]
        self._point = planned.point
        self._by = "" if planned.point is None else plan.channels[planned.inputs[planned.point]].name

    def why(self, row: Row) -> str:
        """Why it rests at a row; empty while it does not."""
        if self._maintenance.active(row.time):
            return f"{self._maintenance.asset} is in maintenance"
        for place, name, inverted in self._gates:
            if row.qualities[place] > Quality.UNCERTAIN:
                return f"whether it runs is not known: {name} is bad"
            if bool(row.values[place] != 0.0) is inverted:
                return f"{name} is {'not ' if inverted else ''}0"
        if self._point is not None and row.qualities[self._point] > Quality.UNCERTAIN:
            return f"the operating point is not known: {self._by} is bad"
        return ""

    def ordered(self, command: Command) -> Saved | None:
        """Begin or end maintenance, if that is what the order is; what must be saved then."""
        return self._maintenance.ordered(command)

    def due(self, time: int) -> Saved | None:
        """What must be saved at `time` of a maintenance that will end by itself."""
        return self._maintenance.due(time)

    def state(self, time: int) -> Saved:
        """What must be remembered over a stop at `time`."""
        return self._maintenance.state(time)

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:
        """Go on at `time` with what was saved."""
        self._maintenance.restore(saved, time)

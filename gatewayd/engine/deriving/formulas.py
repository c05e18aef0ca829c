"""Formulas: a channel that is calculated from the latest values of others, in plain floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gatewayd.engine.derived import Derived, no_values
from gatewayd.engine.deriving.deriver import Deriver
from gatewayd.engine.latest import Row
from gatewayd.engine.plan import Plan, PlannedFormula
from gatewayd.engine.said import Said
from gatewayd.formulas.arithmetic import NoValueError, prepared, worked_out
from gatewayd.model import Quality


class Formula(Deriver):
    """One formula. Its value is as good as the worst of its inputs; without one of them it has none."""

    plan: PlannedFormula

    def __init__(self, planned: PlannedFormula, plan: Plan, _paces: Mapping[int, int], _boot: str) -> None:
        self.plan = planned
        self._name = plan.channels[planned.outputs[0]].short_name
        self._steps = prepared(planned.program)

    def step(self, row: Row, why: Callable[[], str], said: Said) -> Derived:  # noqa: ARG002 - a Deriver
        """Work it out."""
        quality = max(row.qualities.tolist())
        if quality > Quality.UNCERTAIN:
            return self._no_value(row.time, why())
        try:
            value = worked_out(self._steps, row.values.tolist())
        except NoValueError as error:
            return self._no_value(row.time, str(error))
        return Derived(self.plan.outputs, row.time, np.array([value]), np.array([quality], dtype=np.uint8))

    def _no_value(self, time: int, reason: str) -> Derived:
        return no_values(self.plan.outputs, (self._name,), time, reason)

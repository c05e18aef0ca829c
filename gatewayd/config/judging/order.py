"""The order of judging: sections of sensors, derivers and rules, each with what enters its tables into the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.assets import AssetTables
from gatewayd.config.judging.forecasts import ForecastTables
from gatewayd.config.judging.formulas import FormulaTables
from gatewayd.config.judging.models import ModelTables
from gatewayd.config.judging.rules import RuleTables
from gatewayd.config.judging.sensors import SensorTables
from gatewayd.config.judging.totals import TotalTables


class Tables(Protocol):
    """Enters the tables of one section into a draft; `settings` are those that are right, by their names."""

    settings: dict[str, Any]

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan what one table says, and note what is wrong with it."""


@runtime_checkable
class Gathering(Tables, Protocol):
    """Tables that can be planned only when all of them are there."""

    def finish(self) -> None:
        """Plan what all the tables say."""


KINDS: Mapping[str, Callable[[Draft], Tables]] = {
    "sensors": SensorTables,
    "calculated": FormulaTables,
    "totals": TotalTables,
    "assets": AssetTables,
    "models": ModelTables,
    "forecasts": ForecastTables,
    "rules": RuleTables,
}
"""By section, in the order in which they may refer to each other."""

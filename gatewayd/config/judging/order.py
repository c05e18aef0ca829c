"""The order of judging: sections of sensors, derivers and rules, each with what enters its tables into the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.rules import RuleTables


class Tables(Protocol):
    """Enters the tables of one section into a draft; `settings` are those that are right, by their names."""

    settings: dict[str, Any]

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan what one table says, and note what is wrong with it."""


KINDS: Mapping[str, Callable[[Draft], Tables]] = {"rules": RuleTables}
"""By section, in the order in which they may refer to each other."""

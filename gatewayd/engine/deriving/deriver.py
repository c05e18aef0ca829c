"""A deriver: what derives channels from rows of other channels. All of them, in their order, are in `derivers`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gatewayd.engine.derived import Derived
from gatewayd.engine.latest import Row
from gatewayd.engine.plan import Plan, PlannedDeriver
from gatewayd.engine.said import Said
from gatewayd.model import Command
from gatewayd.records import Cause, Saved


class Deriver:
    """What derives channels from rows of other channels."""

    plan: PlannedDeriver

    def step(self, row: Row, why: Callable[[], str], said: Said) -> Derived | None:
        """The derived channels at the time of `row`, which follows the plan's inputs.

        `why` tells why the first unusable input is so. What is to be said or saved besides goes to `said`.
        """
        raise NotImplementedError

    def command(self, command: Command, said: Said) -> Derived | None:  # noqa: ARG002 - most take no orders
        """Do what an operator orders, if it is meant for this one."""
        return None

    def explain(self, output: int) -> tuple[Cause, ...]:  # noqa: ARG002 - most explain nothing
        """What moved an output (the number of its channel) to where it is, the largest share first."""
        return ()

    def state(self, time: int) -> Iterable[Saved]:  # noqa: ARG002 - formulas have no state
        """What must be kept over a stop at `time`."""
        return ()

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:
        """Go on at `time` with what an earlier run saved (by stage and name), as far as the definition is the same."""


Maker = Callable[[Any, Plan, Mapping[int, int], str], Deriver]
"""Makes the deriver of one planned record, in a plan with its paces, and a boot."""

"""Forgetting: what is remembered for tables that are not in the config any more is kept in case they return. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gatewayd.engine.alarms.alarms import ALARMS
from gatewayd.engine.alarms.floods import FLOODS
from gatewayd.engine.alarms.shelves import SHELVES
from gatewayd.engine.engine import ONCE
from gatewayd.engine.measuring.bearings import VERDICTS
from gatewayd.engine.plan import Plan
from gatewayd.records import Saved

PART = 16
"""What is remembered for them takes one part in so many of the outbox at most."""
OVERHEAD = 100
"""Bytes that each of them takes besides its data."""
_FORGOTTEN_BY_THE_ENGINE = (*ONCE, ALARMS, SHELVES, FLOODS, VERDICTS)


def forgotten(saved: Iterable[Saved], plan: Plan, sources: Collection[str], room: int) -> tuple[Saved, ...]:
    """What is to be forgotten of all that is `saved`, in the order in which it was written, as it is then saved.

    What no table of the plan and none of the `sources` is called may stay within `room` bytes: that of each table as a
    whole, of which something was written last first, as far as it fits.
    """
    known = _known(plan, sources)
    strays: dict[str, list[Saved]] = {}
    for item in saved:
        table = _table(item.name)
        if item.data and table not in known and item.stage not in _FORGOTTEN_BY_THE_ENGINE:
            strays[table] = [*strays.pop(table, []), item]
    gone: list[Saved] = []
    for items in reversed(strays.values()):
        size = sum(len(item.data) + OVERHEAD for item in items)
        if size <= room:
            room -= size
        else:
            gone += (Saved(item.stage, item.name, "", b"") for item in items)
    return tuple(gone)


def _known(plan: Plan, sources: Collection[str]) -> frozenset[str]:
    """All that anything can be remembered for, whatever it is."""
    channels = (channel.name for channel in plan.channels)
    derivers = (deriver.name for deriver in plan.derivers)
    return frozenset({*sources, *plan.assets(), *map(_table, channels), *map(_table, derivers)})


def _table(name: str) -> str:
    """What it is remembered for: what a model learns at each operating point is saved apart."""
    return name.partition("/")[0]

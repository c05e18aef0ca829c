"""Bearings: each `[bearings.NAME]` table becomes a calculation outside the engine, and channels of its scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.features.machines import check_turns, speed
from gatewayd.config.features.waveforms import cut, pace
from gatewayd.config.findings import Place
from gatewayd.config.reader import mentioned, read_table
from gatewayd.config.settings import Bearing
from gatewayd.config.words import did_you_mean, listed, quoted
from gatewayd.configured import Calculation
from gatewayd.engine.plan import PlannedBearing, PlannedCalculation, PlannedChannel, PlannedCut
from gatewayd.features.bearings.analysis import analyse
from gatewayd.features.bearings.fitness import FEWEST_TURNS
from gatewayd.features.bearings.geometry import Geometry, Orders
from gatewayd.features.bearings.types import TYPES
from gatewayd.model import Kind, Request

CHANNELS = ("score", "outer_race", "inner_race", "ball")
"""What is derived of a bearing: the score of the verdict, and one of each fault."""
DIMENSIONS = ("balls", "ball_diameter", "pitch_diameter")
_DESCRIBED = 'type = "6205", or balls, ball_diameter and pitch_diameter, or orders = { bpfo, bpfi, bsf, ftf }'


@dataclass(frozen=True, slots=True)
class Scoring:
    """Scores of a bearing's outer race, inner race and balls, then the shaft's speed in Hz."""

    orders: Orders

    def __call__(self, request: Request) -> Sequence[float]:
        """Analyse one window."""
        return astuple(analyse(request.values, request.rate, request.shaft, self.orders))


class BearingTables:
    """Enters tables of bearings into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Bearing] = {}
        self._draft = draft

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan one bearing."""
        table = read_table(raw, Bearing, place, {"channel": ""}).record
        if table is not None:
            self.settings[name] = table
            self._hear(name, table, mentioned(raw, Bearing), place)
        if not any(f"bearing.{name}.score" in known for known in (self._draft.numbers, self._draft.gone)):
            self._draft.faulty.add(f"bearing.{name}")

    def _hear(self, name: str, table: Bearing, keys: set[str], place: Place) -> None:
        channel = self._draft.find(table.channel, place.at("channel"), place.table, Kind.WAVEFORM)
        found = speed(table.shaft, self._draft, place.at("shaft"), place.table)
        orders = _orders(table, keys, place)
        if why := found.lost or (self._draft.why_lost(table.channel) if channel is None else ""):
            self._draft.gone |= {f"bearing.{name}.{each}": why for each in CHANNELS}
        elif channel is not None and orders is not None and found.planned is not None:
            how = cut(table.window.nanoseconds, 0, (table.every or table.window).nanoseconds, place)
            check_turns(found.planned, how.span, place.at("window"), FEWEST_TURNS)
            outputs = self._derive(f"bearing.{name}", channel, how, place)
            planned = PlannedCalculation(f"bearing.{name}", channel, (), how, shaft=found.planned)
            self._plan(name, planned, outputs, orders)

    def _derive(self, called: str, channel: int, how: PlannedCut, place: Place) -> tuple[int, int, int, int]:
        origin = self._draft.channels[channel]
        every = pace(how, self._draft.paces[channel])
        derived = [PlannedChannel(f"{called}.{each}", "1", origin.source, derived=True) for each in CHANNELS]
        score, outer, inner, ball = (self._draft.derive(each, every, place.table, place) for each in derived)
        return score, outer, inner, ball

    def _plan(self, name: str, planned: PlannedCalculation, outputs: tuple[int, int, int, int], orders: Orders) -> None:
        number = self._draft.add_calculation(planned, Calculation(planned.name, "", Scoring(orders)))
        order = (orders.bpfo, orders.bpfi, orders.bsf, orders.ftf)
        self._draft.bearings.append(PlannedBearing(name, planned.channel, number, order, outputs))


def _orders(table: Bearing, keys: set[str], place: Place) -> Orders | None:
    """The fault frequencies of a bearing; None when something is wrong with its description, which is noted."""
    ways = [key for key in ("type", *DIMENSIONS, "orders") if key in keys]
    kinds = {"dimensions" if key in DIMENSIONS else key for key in ways}
    if "angle" in keys and kinds and "dimensions" not in kinds:
        place.at("angle").wrong(f"angle has no meaning with {ways[0]}", "it belongs to balls; remove it")
    if not kinds:
        place.wrong("nothing says which bearing it is", f"add {_DESCRIBED}")
    elif len(kinds) > 1:
        place.at(ways[-1]).wrong(f"a bearing is described in one way, not by {listed(ways)}", f"keep {_DESCRIBED}")
    elif table.type is not None:
        return _of_type(table.type, place.at("type"))
    elif table.orders is not None:
        return table.orders
    elif kinds == {"dimensions"}:
        return _of_dimensions(table, keys, place)
    return None


def _of_type(name: str, place: Place) -> Orders | None:
    if name in TYPES:
        return TYPES[name].orders()
    meant = did_you_mean(name, TYPES)
    fix = "give balls, ball_diameter and pitch_diameter, or orders, from the maker's data"
    place.wrong(f"unknown type of bearing {quoted(name)}", f"{meant} If not, {fix}" if meant else fix)
    return None


def _of_dimensions(table: Bearing, keys: set[str], place: Place) -> Orders | None:
    missing = [key for key in DIMENSIONS if key not in keys]
    if missing:
        what = f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing in {place.table}"
        place.wrong(what, "a geometry is balls, ball_diameter and pitch_diameter (in one unit), and an angle if any")
        return None
    if table.balls is None or table.ball_diameter is None or table.pitch_diameter is None:
        return None
    try:
        return Geometry(table.balls, table.ball_diameter, table.pitch_diameter, table.angle or 0.0).orders()
    except ValueError as error:
        place.at("ball_diameter").wrong(str(error))
        return None

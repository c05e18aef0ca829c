"""Machines: what a table says about the machine of its channels, as the plan has it."""

from __future__ import annotations

import math

import msgspec

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.rotation import Shaft, Zones
from gatewayd.config.words import did_you_mean, listed, quoted, spell
from gatewayd.engine.plan import PlannedShaft
from gatewayd.features.severity import LIMITS, Limits
from gatewayd.features.shaft import FEWEST_TURNS
from gatewayd.features.units import SPEEDS


class Speed(msgspec.Struct, frozen=True):
    """The speed of a shaft; `lost` says why it will never be known."""

    planned: PlannedShaft | None = None
    lost: str = ""


def speed(shaft: Shaft, draft: Draft, place: Place, who: str) -> Speed:
    """Where the speed of the shaft of `who` comes from; empty when something is wrong with it, which is noted."""
    if shaft.channel:
        return _of_channel(shaft.channel, draft, place, who)
    if not shaft.between:
        return Speed(PlannedShaft(constant=shaft.speed))
    low, high = shaft.between
    if low < high:
        return Speed(PlannedShaft(low=low, high=high))
    place.at("estimate").wrong("shaft: the first speed must be below the second", "write estimate = [low, high]")
    return Speed()


def limits(zones: Zones, place: Place) -> Limits | None:
    """The limits between zones A/B, B/C and C/D in mm/s; None when something is wrong with them, which is noted."""
    if zones.group:
        known = {name.lower(): limits for name, limits in LIMITS.items()}
        found = known.get(zones.group.lower())
        if found is None:
            fix = did_you_mean(zones.group, LIMITS, "known are") or "write three limits: [2.5, 4.0, 6.6]"
            place.wrong(f"severity: unknown group of machines {quoted(zones.group)}", fix)
        return found
    first, second, third = zones.limits or (0.0, 0.0, 0.0)
    if 0.0 < first < second < third:
        return first, second, third
    place.wrong("severity: the limits must be above 0, each above the one before", "write them like [2.5, 4.0, 6.6]")
    return None


def check_turns(shaft: PlannedShaft | None, span: int, place: Place, fewest: int = 0) -> None:
    """Note a window of `span` ns in which the shaft cannot turn `fewest` times, or its speed cannot be found."""
    if shaft is None or not span:
        return
    fastest = shaft.constant or shaft.high
    for speed, turns, purpose in ((fastest, fewest, ""), (shaft.low, FEWEST_TURNS, " to find its speed")):
        least = math.ceil(turns / speed * 1e3) * 1_000_000 if speed else 0
        if span < least:
            made = f"a window of {spell(span)} is {span / 1e9 * speed:.1f} turns of the shaft at {speed:.4g} Hz"
            place.wrong(f"{made}, of {turns} that it takes{purpose}", f'make it "{spell(least)}" at least')
            return


def _of_channel(name: str, draft: Draft, place: Place, who: str) -> Speed:
    number = draft.find(name, place, who)
    if number is None:
        return Speed(lost=draft.why_lost(name))
    unit = draft.channels[number].unit
    if unit in SPEEDS:
        return Speed(PlannedShaft(channel=number, factor=SPEEDS[unit]))
    what = f"the unit of {name} is {quoted(unit)}, which is not one of speed" if unit else f"{name} has no unit"
    place.wrong(what, f"known are {listed(SPEEDS)}")
    return Speed()

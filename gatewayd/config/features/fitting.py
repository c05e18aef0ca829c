"""Fitting: whether the features of a table suit its channels and what it says about the machine, and their terms."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatewayd.config.draft import CARRIES
from gatewayd.config.features.computing import Own
from gatewayd.config.words import listed, quoted, spell
from gatewayd.engine.plan import PlannedChannel, PlannedShaft
from gatewayd.features.catalogue import Domain, Needs
from gatewayd.features.severity import Limits
from gatewayd.features.units import ACCELERATIONS
from gatewayd.model import Kind
from gatewayd_ext.terms import Term

SUITABLE = {
    Kind.SCALAR: (Domain.ANY, Domain.SERIES),
    Kind.WAVEFORM: (Domain.ANY, Domain.WAVEFORM),
}
_HOW = {
    Needs.SHAFT: (
        "shaft",
        "the speed of the shaft",
        'add shaft = "1480rpm", or a channel, or { estimate = ["20Hz", "30Hz"] }',
    ),
    Needs.BLADES: ("blades", "the number of blades", "add blades = 6, or however many the impeller has"),
    Needs.SEVERITY: (
        "severity",
        "the limits of the zones",
        'add severity = "ISO 10816-7 category 1 up to 200 kW", or another group, or [2.5, 4.0, 6.6]',
    ),
}
"""Key of a table, what it gives, and how to write it, by what needs it."""


class Machine(msgspec.Struct, frozen=True):
    """What is known of the machine of a table; `lost` says why the speed of its shaft will never be."""

    shaft: PlannedShaft | None = None
    blades: int = 0
    limits: Limits | None = None
    lost: str = ""


def given(features: Sequence[Own], keys: set[str]) -> list[Own]:
    """The features for which a table with these keys says all that they need; what is missing is noted."""
    return [feature for feature in features if _is_given(feature, keys)]


def suitable(features: Sequence[Own], channels: Sequence[PlannedChannel], longest: int) -> list[Own]:
    """The features that can be computed of channels of one kind, in windows of `longest` ns (0: not known)."""
    if not channels:
        return []
    return [each for each in features if _suits(each, channels) and _has_room(each, longest)]


def term(feature: Own, channel: PlannedChannel, machine: Machine) -> Term:
    """A feature of a channel as the kernels take it."""
    name, parameters = feature.definition.name, feature.parameters
    if name == "blade_pass_rms":
        name, parameters = "order_rms", (float(machine.blades), *parameters)
    if name == "severity":
        parameters = (*parameters, *(machine.limits or ()))
    scale = ACCELERATIONS.get(channel.unit, 1.0) if Needs.ACCELERATION in feature.definition.needs else 1.0
    return Term(name, parameters, scale)


def _is_given(feature: Own, keys: set[str]) -> bool:
    name = feature.definition.name
    missing = [how for need, how in _HOW.items() if need in feature.definition.needs and how[0] not in keys]
    for _, what, fix in missing:
        feature.place.wrong(f"{name} needs {what}", fix)
    return not missing


def _suits(feature: Own, channels: Sequence[PlannedChannel]) -> bool:
    name, kind = feature.definition.name, channels[0].kind
    if feature.definition.domain not in SUITABLE[kind]:
        what = f"{name} needs {feature.definition.domain.value}; {channels[0].name} carries {CARRIES[kind]}"
        feature.place.wrong(what, "remove it, or give it a table of its own, with channels that suit it")
        return False
    strange = [channel for channel in channels if channel.unit not in ACCELERATIONS]
    if Needs.ACCELERATION not in feature.definition.needs or not strange:
        return True
    origin, unit = strange[0].name, strange[0].unit
    found = f"the unit of {origin} is {quoted(unit)}" if unit else f"{origin} has no unit"
    feature.place.wrong(f"{name} needs an acceleration; {found}", f"known are {listed(ACCELERATIONS)}")
    return False


def _has_room(feature: Own, longest: int) -> bool:
    """Whether the lowest frequency of a velocity is two lines of the spectrum or more: below that, it is NaN."""
    if not longest or Needs.ACCELERATION not in feature.definition.needs:
        return True
    least = round(2e9 / feature.parameters[0])
    if longest < least:
        what = f"{feature.text} begins at {feature.parameters[0]:g} Hz, for which the window is too short"
        feature.place.wrong(what, f'make it "{spell(least)}" at least')
    return longest >= least

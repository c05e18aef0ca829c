"""The catalogue: every feature that gatewayd computes, what it takes, and the unit that it gives."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gatewayd.features.notation import spelled


class Domain(enum.Enum):
    """What a feature can be computed from."""

    ANY = "any channel"
    SERIES = "a channel of single values"
    WAVEFORM = "a channel of waveforms"


class Unit(enum.Enum):
    """The unit of a feature's value."""

    CHANNEL = "of the channel"
    SQUARED = "of the channel, squared"
    PER_SECOND = "of the channel, per second"
    NONE = "1"
    SECONDS = "s"
    HERTZ = "Hz"
    VELOCITY = "mm/s"

    def of(self, channel: str) -> str:
        """As a UCUM code, for a channel of this unit ("" is a number without one)."""
        if self is Unit.CHANNEL:
            return channel
        if self is Unit.PER_SECOND:
            return f"{channel or 1}/s"
        if self is Unit.SQUARED:
            return squared(channel)
        return str(self.value)


_FACTOR = re.compile(r"(?:[A-Za-z]|\[[^\]]*\])+")
"""A UCUM code that an exponent can simply follow."""


def squared(unit: str) -> str:
    """A UCUM code, squared."""
    if unit in ("", "1"):
        return unit
    return f"{unit}2" if _FACTOR.fullmatch(unit) else f"({unit})2"


class Needs(enum.Flag):
    """What must be known of the machine."""

    NOTHING = 0
    SHAFT = enum.auto()
    BLADES = enum.auto()
    SEVERITY = enum.auto()
    ACCELERATION = enum.auto()
    """A channel whose unit is one of acceleration."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that a feature takes, `low` to `high`; with a `default` it may be left out."""

    name: str
    unit: str = ""
    low: float = 0.0
    high: float = float("inf")
    default: float | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """One feature."""

    name: str
    domain: Domain
    unit: Unit
    meaning: str
    parameters: tuple[Parameter, ...] = ()
    needs: Needs = Needs.NOTHING

    @property
    def signature(self) -> str:
        """How it is written, with the names of its parameters."""
        return f"{self.name}({', '.join(map(_shown, self.parameters))})" if self.parameters else self.name


def least(parameters: Sequence[Parameter]) -> int:
    """How many parameters must be given: those without a default, which come first."""
    return sum(parameter.default is None for parameter in parameters)


def filled(parameters: Sequence[Parameter], given: Sequence[float]) -> tuple[float, ...]:
    """All parameters: those that are given, then the defaults of the others."""
    defaults = (each.default for each in parameters[len(given) :] if each.default is not None)
    return (*given, *defaults)


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.default is None else f"{parameter.name} = {spelled(parameter.default)}"


_ANY, _SERIES, _WAVEFORM = Domain.ANY, Domain.SERIES, Domain.WAVEFORM
_BAND = (Parameter("low", "Hz"), Parameter("high", "Hz"))
_ISO_BAND = (Parameter("low", "Hz", 0.1, default=10.0), Parameter("high", "Hz", default=1000.0))
_LEVEL = (Parameter("level", low=float("-inf")),)
_PLACE = (Parameter("k", low=1, high=16, whole=True),)
_ORDER = Parameter("order", low=0.05, high=100)
_WIDTH = Parameter("half_width", low=0.01, high=0.5, default=0.1)

DEFINITIONS = (
    Definition("mean", _ANY, Unit.CHANNEL, "arithmetic mean"),
    Definition("std", _ANY, Unit.CHANNEL, "standard deviation of the population (divided by n)"),
    Definition("min", _ANY, Unit.CHANNEL, "smallest value"),
    Definition("max", _ANY, Unit.CHANNEL, "largest value"),
    Definition("rms", _ANY, Unit.CHANNEL, "root of the mean square, mean included"),
    Definition("peak", _ANY, Unit.CHANNEL, "largest magnitude"),
    Definition("peak_to_peak", _ANY, Unit.CHANNEL, "largest value less the smallest"),
    Definition("crest_factor", _ANY, Unit.NONE, "peak / rms"),
    Definition("shape_factor", _ANY, Unit.NONE, "rms / mean magnitude"),
    Definition("impulse_factor", _ANY, Unit.NONE, "peak / mean magnitude"),
    Definition("clearance_factor", _ANY, Unit.NONE, "peak / (mean of the roots of the magnitudes)²"),
    Definition("skewness", _ANY, Unit.NONE, "third standardized moment: which side has the longer tail"),
    Definition("kurtosis", _ANY, Unit.NONE, "fourth standardized moment; noise has 3, impacts have more"),
    Definition("excess_kurtosis", _ANY, Unit.NONE, "kurtosis - 3"),
    Definition("zero_crossing_rate", _ANY, Unit.NONE, "part of the steps between values that cross zero"),
    Definition("median", _ANY, Unit.CHANNEL, "the middle value"),
    Definition(
        "percentile",
        _ANY,
        Unit.CHANNEL,
        "what p % of the values are below, interpolated",
        (Parameter("p", "%", 0, 100),),
    ),
    Definition("slope", _ANY, Unit.PER_SECOND, "of the least-squares line"),
    Definition("line_length", _ANY, Unit.CHANNEL, "sum of the magnitudes of all steps"),
    Definition("ewma", _SERIES, Unit.CHANNEL, "mean weighted by exp(-age / tau)", (Parameter("tau", "s", 1e-3, 1e9),)),
    Definition("rate_of_change", _SERIES, Unit.PER_SECOND, "last value less the first, per second between them"),
    Definition("time_since_change", _SERIES, Unit.SECONDS, "since the value was last another one"),
    Definition("count_above", _SERIES, Unit.NONE, "number of values above the level", _LEVEL),
    Definition("time_above", _SERIES, Unit.SECONDS, "time above the level, each value lasting until the next", _LEVEL),
    Definition("band_power", _WAVEFORM, Unit.SQUARED, "mean square within low <= f < high", _BAND),
    Definition("band_rms", _WAVEFORM, Unit.CHANNEL, "root of the mean square within low <= f < high", _BAND),
    Definition(
        "velocity_rms",
        _WAVEFORM,
        Unit.VELOCITY,
        "RMS of the velocity within low <= f < high, from the acceleration",
        _ISO_BAND,
        Needs.ACCELERATION,
    ),
    Definition(
        "severity",
        _WAVEFORM,
        Unit.NONE,
        "zone of velocity_rms by the standard for the machine: 1 is A (new) .. 4 is D (damaging)",
        _ISO_BAND,
        Needs.ACCELERATION | Needs.SEVERITY,
    ),
    Definition("spectral_centroid", _WAVEFORM, Unit.HERTZ, "mean frequency, weighted by power"),
    Definition("spectral_entropy", _WAVEFORM, Unit.NONE, "how evenly power is spread: 0 one line .. 1 white noise"),
    Definition("dominant_frequency", _WAVEFORM, Unit.HERTZ, "frequency of the highest line, interpolated"),
    Definition("dominant_bin", _WAVEFORM, Unit.HERTZ, "frequency of the highest bin, not interpolated"),
    Definition("dominant_amplitude", _WAVEFORM, Unit.CHANNEL, "amplitude of the highest line, interpolated"),
    Definition("peak_frequency", _WAVEFORM, Unit.HERTZ, "frequency of the k-th highest peak, interpolated", _PLACE),
    Definition("peak_amplitude", _WAVEFORM, Unit.CHANNEL, "amplitude of the k-th highest peak, interpolated", _PLACE),
    Definition(
        "line_amplitude",
        _WAVEFORM,
        Unit.CHANNEL,
        "amplitude at exactly this frequency",
        (Parameter("frequency", "Hz"),),
    ),
    Definition("shaft_speed", _WAVEFORM, Unit.HERTZ, "the shaft speed that was used", (), Needs.SHAFT),
    Definition(
        "order_rms",
        _WAVEFORM,
        Unit.CHANNEL,
        "RMS around a multiple of the shaft speed, up to half_width orders from it",
        (_ORDER, _WIDTH),
        Needs.SHAFT,
    ),
    Definition(
        "order_amplitude",
        _WAVEFORM,
        Unit.CHANNEL,
        "amplitude at exactly a multiple of the shaft speed",
        (_ORDER,),
        Needs.SHAFT,
    ),
    Definition(
        "blade_pass_rms",
        _WAVEFORM,
        Unit.CHANNEL,
        "RMS around blades x shaft speed, up to half_width orders from it",
        (_WIDTH,),
        Needs.SHAFT | Needs.BLADES,
    ),
    Definition("envelope_rms", _WAVEFORM, Unit.CHANNEL, "RMS of the envelope of the band about its mean", _BAND),
    Definition(
        "envelope_amplitude",
        _WAVEFORM,
        Unit.CHANNEL,
        "amplitude of the envelope of the band at exactly this frequency",
        (*_BAND, Parameter("frequency", "Hz")),
    ),
    Definition(
        "envelope_order",
        _WAVEFORM,
        Unit.CHANNEL,
        "amplitude of the envelope of the band at a multiple of the shaft speed",
        (*_BAND, _ORDER),
        Needs.SHAFT,
    ),
)

CATALOGUE: Mapping[str, Definition] = MappingProxyType({each.name: each for each in DEFINITIONS})
"""Every feature by its name."""

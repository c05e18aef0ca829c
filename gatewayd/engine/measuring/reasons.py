"""Reasons: why a feature of a window of a waveform could not be computed, in words, as far as that is easily told."""

from __future__ import annotations

import math

from gatewayd.engine.measuring.cuts import HAS_GAPS
from gatewayd.engine.measuring.shafts import why_unknown
from gatewayd_ext.terms import EVEN, Term

FALLBACK = "too few values, or none that it can be computed from"

OF_SHAFT = ("shaft_speed", "order_rms", "order_amplitude", "envelope_order")
_BANDS = ("band_power", "band_rms", "velocity_rms", "severity", "envelope_rms", "envelope_amplitude", "envelope_order")
_VELOCITIES = ("velocity_rms", "severity")
_ORDERS = ("order_rms", "order_amplitude")


def reason(term: Term, n: int, rate: float, shaft: float, *, gap: bool) -> str:
    """Why `term` has no value in a window of `n` finite values, `rate` a second, at this `shaft` speed (Hz)."""
    if gap and term.name in EVEN:
        return HAS_GAPS
    if term.name in OF_SHAFT and why_unknown(shaft):
        return why_unknown(shaft)
    frequency = _frequency(term, shaft)
    if frequency > rate / 2:
        return f"{frequency:g} Hz cannot be seen at {rate:g} values per second"
    if term.name in _VELOCITIES and frequency < 2 * rate / n:
        return f"too short for {frequency:g} Hz"
    if term.name in _BANDS and _bins(term, rate / n) < 1:
        return f"too short to tell {term.parameters[0]:g} Hz from {term.parameters[1]:g} Hz"
    return FALLBACK


def _frequency(term: Term, shaft: float) -> float:
    """The lowest frequency (Hz) that the term looks at, where it says so."""
    if term.name in _ORDERS:
        return term.parameters[0] * shaft
    return term.parameters[0] if term.name in _BANDS or term.name == "line_amplitude" else 0.0


def _bins(term: Term, width: float) -> int:
    """How many lines of a spectrum, `width` Hz apart, lie within the term's band."""
    return math.ceil(term.parameters[1] / width) - math.ceil(term.parameters[0] / width)

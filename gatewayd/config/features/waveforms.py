"""Waveforms: the windows that a table of features makes of channels of waveforms, and how often they come."""

from __future__ import annotations

from collections.abc import Sequence

from gatewayd.config.features.derivation import Derivation
from gatewayd.config.features.machines import check_turns
from gatewayd.config.findings import Place
from gatewayd.config.words import spell
from gatewayd.engine.plan import MOST_OVERLAP, MOST_VALUES, PlannedBurstFeatures, PlannedCut

LONGEST = 60_000_000_000
"""Nanoseconds that a window of a waveform may last; how many values that is, is known once it comes."""


def plan_waveforms(derivation: Derivation, numbers: Sequence[int]) -> int:
    """Plan the windows of some channels; how many values they hold, as far as that is known."""
    if not numbers:
        return 0
    if "window" not in derivation.keys and derivation.table.every is not None:
        what = "every has no meaning without window: each burst of a waveform is one window"
        derivation.place.at("every").wrong(what, 'add window = "1s", or remove it')
    how = cut(*derivation.extent(), derivation.every(0), derivation.place)
    check_turns(derivation.machine.shaft, how.span, derivation.place.at("window"))
    fit = derivation.suiting(numbers, how.span)
    for number in numbers:
        _plan(fit, number, how)
    return how.samples * len(numbers)


def cut(span: int, samples: int, every: int, place: Place) -> PlannedCut:
    """Windows of `span` ns or of `samples` values, `every` ns apart (0: half a window); what is too much is noted."""
    if span > LONGEST:
        what = f"a window of waveforms lasts {spell(LONGEST)} at most"
        place.at("window").wrong(what, "shorten it, or make a table of its own for the single values")
    if samples > MOST_VALUES:
        place.at("window").wrong(f"a window of waveforms has {MOST_VALUES} values at most", "make it shorter")
    if every and every * MOST_OVERLAP < span:
        what = f"windows of waveforms are apart by {spell(span // MOST_OVERLAP)} at least, a {MOST_OVERLAP}th of one"
        place.at("every").wrong(what, f'write every = "{spell(span // MOST_OVERLAP)}" or more')
    return PlannedCut(span, samples, every)


def pace(how: PlannedCut, interval: int) -> int:
    """The ns from one value to the next of what is computed of each window, of bursts that come every `interval` ns."""
    return max(how.every or how.span // 2, interval)


def _plan(derivation: Derivation, number: int, how: PlannedCut) -> None:
    draft = derivation.draft
    every = pace(how, draft.paces[number])
    if derivation.own:
        terms, outputs = derivation.terms(number), derivation.outputs(number, every)
        shaft = derivation.machine.shaft
        draft.bursts.append(PlannedBurstFeatures(derivation.name, number, terms, outputs, how, shaft))
    derivation.calculate(number, every, how=how)

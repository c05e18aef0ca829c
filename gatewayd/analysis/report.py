"""The report: what the trial and the spectra of a recording come to, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from gatewayd.analysis import pictures
from gatewayd.analysis.machine import Heard, Line, Machine
from gatewayd.analysis.spectrum import amplitude_spectrum
from gatewayd.analysis.trial import Trial
from gatewayd.config import Config
from gatewayd.features.bearings.analysis import envelope_spectrum
from gatewayd.features.catalogue import CATALOGUE
from gatewayd.features.notation import parse
from gatewayd.features.severity import ZONES
from gatewayd.pages.drawing import svg
from gatewayd.pages.page import Judgement, Page, Section, Table
from gatewayd.records import ChannelSummary, Fault
from gatewayd.replay.waveforms import SECOND, Recorded

ENVELOPE_TURNS = 20
"""The envelope spectrum is shown up to so many times the shaft's speed."""
SHAFT_ROOM = 1.5
"""The spectrum near the shaft's speed ends so many times above its last named line."""
SURROUNDINGS = 25.0
"""Hz over which a level's surroundings are taken, when the shaft's speed is not known."""
LEAST_SHOWN = 500.0
"""Hz that it is shown up to at least."""
FASTEST = 4
"""Values that a turn of the shaft must have for an envelope spectrum."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A recording, the config that it was tried on as the channel `number`, and what came of it."""

    title: str
    recorded: Recorded
    config: Config
    number: int
    machine: Machine
    trial: Trial

    def page(self) -> Page:
        """All of it."""
        return Page(self.title, self._facts(), list(self._judgements()), list(self._sections()))

    def text(self) -> str:
        """The same in a few lines."""
        rows = self._features().rows
        width = max((len(row[0]) for row in rows if row[1]), default=0)
        lines = [f"  {row[0]:<{width}}  {row[1]:>12} {row[4]}".rstrip() for row in rows if row[1]]
        verdicts = [each.text for each in self._judgements()]
        return "\n".join([f"{self.title}: {self._facts()}", *lines, *_without_numbers(rows), *verdicts])

    def _facts(self) -> str:
        recorded, values = self.recorded, self.recorded.values.astype(np.float64)
        rms = float(np.sqrt(np.mean((values - values.mean()) ** 2)))
        length = f"{len(values)} values at {recorded.rate:g} Hz, {recorded.seconds:.3g} s"
        return f"{length}; RMS about the mean {_number(rms)} {recorded.unit}".rstrip() + ("; with gaps" * recorded.gap)

    def _judgements(self) -> Iterator[Judgement]:
        """What is judged of each bearing that is heard in the recording."""
        verdicts = {each.bearing: each for each in self.trial.verdicts}
        for name in (each.name for each in self.machine.bearings):
            if name in verdicts:
                yield Judgement(verdicts[name].reason, verdicts[name].fault is not Fault.NONE)
            else:
                own = (each for each in self.trial.features if each.name.startswith(f"bearing.{name}."))
                why = next((each.reason for each in own if each.reason), "the recording is too short")
                yield Judgement(f"{name}: no verdict, {why}")

    def _sections(self) -> Iterator[Section]:
        recorded, machine = self.recorded, self.machine
        yield Section("Waveform", svg(pictures.waveform(recorded.values, recorded.rate, recorded.unit)))
        yield Section("Spectrum", svg(self._spectrum(recorded.rate / 2, [])), SPECTRUM_NOTE)
        lines = list(machine.lines())
        if lines:
            until = min(recorded.rate / 2, SHAFT_ROOM * lines[-1].frequency)
            yield Section("Spectrum near the shaft's speed", svg(self._spectrum(until, lines)))
        yield from self._envelopes()
        yield Section("Features", self._features(), FEATURES_NOTE)
        if self.trial.alarms:
            yield Section("Alarms", self._alarms())

    def _spectrum(self, until: float, lines: Sequence[Line]) -> Figure:
        spectrum = amplitude_spectrum(self.recorded.values, self.recorded.rate)
        return pictures.spectrum(spectrum.frequencies, spectrum.amplitudes, self.recorded.unit, lines, until)

    def _envelopes(self) -> Iterator[Section]:
        """One with the lines of each bearing; where none is known, one without."""
        bearings: Sequence[Heard | None] = self.machine.bearings or (None,)
        for bearing in bearings:
            picture = self._envelope(bearing)
            named = f" with the lines of {bearing.name}" if bearing is not None and len(bearings) > 1 else ""
            if picture is not None:
                yield Section(f"Envelope spectrum{named}", svg(picture), ENVELOPE_NOTE)

    def _envelope(self, bearing: Heard | None) -> Figure | None:
        """None where the recording is too short or too slow for one."""
        recorded = self.recorded
        shaft = self.machine.shaft if bearing is None else bearing.shaft
        around = shaft or SURROUNDINGS
        frequencies, levels = np.empty(0), np.empty(0)
        if around < recorded.rate / FASTEST:
            frequencies, levels = envelope_spectrum(recorded.values, recorded.rate, around)
        if not len(frequencies):
            return None
        until = min(recorded.rate / 2, max(LEAST_SHOWN, ENVELOPE_TURNS * (shaft or 0.0)))
        return pictures.envelope(frequencies, levels, [] if bearing is None else list(bearing.faults()), until)

    def _features(self) -> Table:
        heading = ("feature", "mean", "lowest", "highest", "unit", "meaning")
        rows = [self._row(each) for each in self.trial.features if each.count or each.bad]
        return Table(heading, [row for row in rows if row], frozenset({1, 2, 3}))

    def _row(self, feature: ChannelSummary) -> Sequence[str]:
        channel = next((each for each in self.config.plan.channels if each.short_name == feature.name), None)
        if channel is None or not channel.derived:
            return ()
        name = feature.name.removeprefix(f"{self.config.plan.channels[self.number].short_name}.")
        numbers = [_number(each) for each in (feature.mean, feature.min, feature.max)]
        return (name, *numbers, channel.unit, _meaning(name, feature) if feature.count else feature.reason)

    def _alarms(self) -> Table:
        rows = [
            (f"{(each.time - SECOND) / SECOND:.2f}", each.rule, str(each.state), str(each.severity), each.reason)
            for each in self.trial.alarms
        ]
        return Table(("s", "rule", "state", "severity", "reason"), rows, frozenset({0}))


SPECTRUM_NOTE = "Amplitudes, Hann window, averaged over windows of a second. A sine shows the amplitude that it has."
ENVELOPE_NOTE = (
    "Of the squared envelope after cepstrum pre-whitening: impacts that come again and again show here, with their "
    "harmonics, whatever they make ring."
)
FEATURES_NOTE = "Of all windows; formulas and what each is good for: docs/features.md."


def _without_numbers(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The features that have no number, by the reason why."""
    reasons = dict.fromkeys(row[5] for row in rows if not row[1])
    for reason in reasons:
        names = ", ".join(row[0] for row in rows if not row[1] and row[5] == reason)
        yield f"  without a number: {names}: {reason}"


def _meaning(name: str, feature: ChannelSummary) -> str:
    """What the feature is; of the severity, what its worst zone means."""
    try:
        definition = CATALOGUE.get(parse(name).name)
    except ValueError:
        return ""
    if definition is not None and definition.name == "severity" and feature.max is not None:
        return "zone {}: {}".format(*ZONES[int(feature.max)])
    return definition.meaning if definition else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"

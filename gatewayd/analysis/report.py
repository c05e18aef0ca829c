"""The report: what the trial and the spectra of a recording come to, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from gatewayd.analysis import pictures
from gatewayd.analysis.machine import Line, Machine
from gatewayd.analysis.page import Page, Section, Table
from gatewayd.analysis.recording import Recorded
from gatewayd.analysis.spectrum import amplitude_spectrum
from gatewayd.analysis.trial import SECOND, Trial
from gatewayd.config import Config
from gatewayd.features.bearings.analysis import envelope_spectrum
from gatewayd.features.catalogue import CATALOGUE
from gatewayd.features.notation import parse
from gatewayd.records import ChannelSummary, Fault

ENVELOPE_TURNS = 20
"""The envelope spectrum is shown up to so many times the shaft's speed."""
SHAFT_ROOM = 1.5
"""The spectrum near the shaft's speed ends so many times above its last named line."""
SURROUNDINGS = 25.0
"""Hz over which a level's surroundings are taken, when the shaft's speed is not known."""
LEAST_SHOWN = 500.0
"""Hz that it is shown up to at least."""


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
        verdict = self.trial.verdicts[-1] if self.trial.verdicts else None
        alarming = verdict is not None and verdict.fault is not Fault.NONE
        return Page(self.title, self._facts(), self._verdict(), alarming, list(self._sections()))

    def text(self) -> str:
        """The same in a few lines."""
        rows = [row for row in self._features().rows if row[1]]
        width = max((len(row[0]) for row in rows), default=0)
        lines = [f"  {row[0]:<{width}}  {row[1]:>12} {row[4]}".rstrip() for row in rows]
        return "\n".join(filter(None, [f"{self.title}: {self._facts()}", *lines, self._verdict()]))

    def _facts(self) -> str:
        recorded, values = self.recorded, self.recorded.values.astype(np.float64)
        rms = float(np.sqrt(np.mean((values - values.mean()) ** 2)))
        length = f"{len(values)} values at {recorded.rate:g} Hz, {recorded.seconds:.3g} s"
        return f"{length}; RMS about the mean {_number(rms)} {recorded.unit}".rstrip() + ("; with gaps" * recorded.gap)

    def _verdict(self) -> str:
        if self.trial.verdicts:
            return self.trial.verdicts[-1].reason
        if not self.config.plan.bearings:
            return ""
        unknown = [each.reason for each in self.trial.features if each.name.startswith("bearing.") and each.reason]
        return f"No verdict on the bearing: {next(iter(unknown), 'the recording is too short')}."

    def _sections(self) -> Iterator[Section]:
        recorded, machine = self.recorded, self.machine
        yield Section("Waveform", pictures.svg(pictures.waveform(recorded.values, recorded.rate, recorded.unit)))
        yield Section("Spectrum", pictures.svg(self._spectrum(recorded.rate / 2, [])), SPECTRUM_NOTE)
        lines = list(machine.lines())
        if lines:
            until = min(recorded.rate / 2, SHAFT_ROOM * lines[-1].frequency)
            yield Section("Spectrum near the shaft's speed", pictures.svg(self._spectrum(until, lines)))
        yield Section("Envelope spectrum", pictures.svg(self._envelope()), ENVELOPE_NOTE)
        yield Section("Features", self._features(), FEATURES_NOTE)
        if self.trial.alarms:
            yield Section("Alarms", self._alarms())

    def _spectrum(self, until: float, lines: Sequence[Line]) -> Figure:
        spectrum = amplitude_spectrum(self.recorded.values, self.recorded.rate)
        return pictures.spectrum(spectrum.frequencies, spectrum.amplitudes, self.recorded.unit, lines, until)

    def _envelope(self) -> Figure:
        recorded, machine = self.recorded, self.machine
        frequencies, levels = envelope_spectrum(recorded.values, recorded.rate, machine.shaft or SURROUNDINGS)
        until = min(recorded.rate / 2, max(LEAST_SHOWN, ENVELOPE_TURNS * (machine.shaft or 0.0)))
        return pictures.envelope(frequencies, levels, list(machine.faults()), until)

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
        return (name, *numbers, channel.unit, _meaning(name) if feature.count else feature.reason)

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


def _meaning(name: str) -> str:
    try:
        definition = CATALOGUE.get(parse(name).name)
    except ValueError:
        return ""
    return definition.meaning if definition else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"

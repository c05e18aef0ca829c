"""The way of what a source yields into the engine, over reloads, which give its channels and groups other numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from gatewayd.engine.plan import Plan
from gatewayd.model import Burst, Input, Kind, Polled


class Numbers:
    """The numbers of a plan: of all channels, and of each source its groups, in order, and its waveforms, by names."""

    def __init__(self, plan: Plan) -> None:
        self.channels = {channel.name: number for number, channel in enumerate(plan.channels)}
        self.groups: dict[str, list[int]] = {}
        self.waveforms: dict[str, dict[str, int]] = {}
        for number, group in enumerate(plan.groups):
            self.groups.setdefault(group.source, []).append(number)
        for number, channel in enumerate(plan.channels):
            if channel.kind is Kind.WAVEFORM:
                self.waveforms.setdefault(channel.source, {})[channel.name] = number


class Way:
    """From some sources, which speak in the numbers of the plan that they were made with, to the engine of today.

    Until it leads elsewhere, or is closed, nothing is changed on it.
    """

    def __init__(self, numbers: Numbers, sources: Collection[str], feed: Callable[[Input], None]) -> None:
        self._feed = feed
        self._groups = {source: numbers.groups[source] for source in sources}
        self._waveforms = {source: numbers.waveforms.get(source, {}) for source in sources}
        self._as_it_is = True
        self._group: Mapping[int, int] = {}
        self._waveform: Mapping[int, int] = {}

    def __call__(self, item: Input) -> None:
        """Feed the engine, unless nobody wants it any more."""
        if self._as_it_is:
            self._feed(item)
        elif isinstance(item, Polled) and item.group in self._group:
            self._feed(replace(item, group=self._group[item.group]))
        elif isinstance(item, Burst) and item.channel in self._waveform:
            self._feed(replace(item, channel=self._waveform[item.channel]))

    def lead_to(self, numbers: Numbers) -> None:
        """From now on to an engine of another plan, in which the sources are declared as they were."""
        group: dict[int, int] = {}
        waveform: dict[int, int] = {}
        for source, groups in self._groups.items():
            group |= zip(groups, numbers.groups[source], strict=True)
            there = numbers.waveforms.get(source, {})
            waveform |= {number: there[name] for name, number in self._waveforms[source].items()}
        self._group, self._waveform = group, waveform
        self._as_it_is = all(old == new for each in (group, waveform) for old, new in each.items())

    def close(self) -> None:
        """From now on nowhere."""
        self._as_it_is, self._group, self._waveform = False, {}, {}

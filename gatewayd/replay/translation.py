"""Translation: inputs of the engine that were recorded with one config, as those of another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gatewayd.engine.plan import Plan
from gatewayd.model import Burst, Computed, Input, Polled, Quality
from gatewayd.recorder import Heading


@dataclass(frozen=True, slots=True)
class Part:
    """A group of the plan that has channels of a recorded one: which `columns` of that stand at which `places`."""

    group: int
    width: int
    columns: tuple[int, ...]
    places: tuple[int, ...]

    def of(self, polled: Polled) -> Polled:
        """Its share of a recorded poll; channels that were not recorded have no new value."""
        if len(polled.values) == self.width and self.columns == self.places == tuple(range(self.width)):
            return polled if polled.group == self.group else replace(polled, group=self.group)
        values = np.full(self.width, np.nan)
        qualities = np.full(self.width, Quality.ABSENT, dtype=np.uint8)
        values[list(self.places)] = polled.values[list(self.columns)]
        qualities[list(self.places)] = polled.qualities[list(self.columns)]
        return replace(polled, group=self.group, values=values, qualities=qualities)


class Translation:
    """From the numbers of a recorded heading to those of a plan, by the names of channels.

    `lost` are recorded channels that the plan does not have.
    """

    def __init__(self, heading: Heading, plan: Plan) -> None:
        names = {channel.name: number for number, channel in enumerate(plan.channels)}
        self._parts = [tuple(_parts(channels, plan, names)) for _, channels in heading.groups]
        self._waveforms = {number: names.get(name) for number, name in heading.waveforms.items()}
        recorded = [*(name for _, channels in heading.groups for name in channels), *heading.waveforms.values()]
        self.lost = tuple(name for name in recorded if name not in names)

    def inputs(self, item: Input) -> Iterator[Input]:
        """What is fed in the place of a recorded input; what was computed is computed anew."""
        if isinstance(item, Polled):
            yield from (part.of(item) for part in self._parts[item.group])
        elif isinstance(item, Burst):
            number = self._waveforms.get(item.channel)
            if number is not None:
                yield replace(item, channel=number)
        elif not isinstance(item, Computed):
            yield item


def _parts(channels: tuple[str, ...], plan: Plan, names: dict[str, int]) -> Iterator[Part]:
    columns = {names[name]: column for column, name in enumerate(channels) if name in names}
    for number, group in enumerate(plan.groups):
        shared = [(columns[channel], place) for place, channel in enumerate(group.channels) if channel in columns]
        if shared:
            yield Part(number, len(group.channels), tuple(c for c, _ in shared), tuple(p for _, p in shared))

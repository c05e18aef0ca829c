"""A case: all that has been gathered about one alarm, for the thread that writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gatewayd.clock import Dating
from gatewayd.evidence.ring import Row
from gatewayd.model import Burst
from gatewayd.models.card import ModelStatus
from gatewayd.records import Alarm


@dataclass(slots=True)
class Case:
    """An alarm with the `rows` from `begin` on, of which those after `end` are left out.

    `before` are the last waveforms before it, `after` the first ones after it, by their channels; `models` how its
    models stood, `dating` how its times become wall times. While it is not `complete` the file is
    written with what is known so far. `whole`: when it was raised, all from `begin` on was there.
    """

    alarm: Alarm
    begin: int
    end: int
    sources: frozenset[str]
    rows: Sequence[Row]
    before: Mapping[int, Burst]
    models: Sequence[ModelStatus]
    dating: Dating
    after: dict[int, Burst] = field(default_factory=dict)
    complete: bool = False
    whole: bool = True

    def renumbered(self, numbers: Mapping[int, int]) -> Case:
        """The same with other numbers of its waveforms' channels, without those that have none; it has no rows."""

        def again(bursts: Mapping[int, Burst]) -> dict[int, Burst]:
            return {numbers[n]: replace(burst, channel=numbers[n]) for n, burst in bursts.items() if n in numbers}

        return replace(self, rows=(), before=again(self.before), after=again(self.after))

    @property
    def weight(self) -> int:
        """Bytes of the waveforms that it holds."""
        return sum(burst.values.nbytes for bursts in (self.before, self.after) for burst in bursts.values())

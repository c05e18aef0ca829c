"""The timeline of a demo: a healthy third, a third with the fault, and a third to recover."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gatewayd_plugins.simulator.faults import Episode, Fault

NAMES = {Fault.CAVITATION: "cavitation", Fault.BEARING: "bearing damage", Fault.DRY_RUN: "dry running"}


class Phase(enum.StrEnum):
    """The parts of a demo."""

    HEALTHY = "healthy"
    FAULT = "fault"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happens when, in seconds since the start."""

    seconds: float
    fault: Fault

    @property
    def episode(self) -> Episode:
        """What befalls the pump."""
        return Episode(self.fault, self.seconds / 3.0, self.seconds / 3.0)

    def phase(self, time: float) -> Phase:
        """The part that `time` is in; without a fault all is healthy."""
        if self.fault is Fault.NONE or time < self.episode.begins:
            return Phase.HEALTHY
        return Phase.FAULT if time < self.episode.ends else Phase.RECOVERY

    def words(self, time: float) -> str:
        """What is going on with the pump, and what comes next."""
        left = self.seconds - time
        if left <= 0.0:
            return "the demo is over"
        if self.fault is Fault.NONE:
            return f"the pump is well and stays so for another {left:.0f} s"
        episode, fault = self.episode, NAMES[self.fault]
        match self.phase(time):
            case Phase.HEALTHY:
                return f"the pump is well; {fault} begins in {episode.begins - time:.0f} s"
            case Phase.FAULT:
                return f"{fault} now, for another {episode.ends - time:.0f} s"
            case Phase.RECOVERY:
                return f"{fault} is over, the pump recovers; the demo ends in {left:.0f} s"

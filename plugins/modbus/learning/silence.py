"""Silence: requests that a device leaves unanswered although it answers others, and how long to wait for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatewayd_plugins.modbus.learning.experience import SILENT, Experience
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import PlannedRequest, Request

ENOUGH = 3
"""After so many times in a row without an answer it is no accident."""
FULL_WAIT_EVERY = 4
"""Of so many attempts on a device that is away one waits as long as the config says: it may be slower than it was."""
TIMES_AS_LONG = 4
"""How much longer than for the slowest answer of better days one waits for a device that is away."""
SHORTEST_WAIT = 0.05
FORGETTING = 0.01
"""By what share of the difference an answer that came sooner shortens what is taken for the slowest."""


class Mute(Refused):
    """Stands in for the answer to a value that gets none, though the device answers others."""

    def __init__(self) -> None:
        super().__init__(SILENT)
        self.args = ("no answer to this one, though the device answers others",)


class Patience:
    """How long to wait for an answer of a device: `timeout` seconds, and less when it is away and was quick."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.silences = 0
        """How often in a row none came."""
        self.slowest = 0.0
        """Seconds that the slowest of the last hundred answers or so took; 0: there was none."""

    @property
    def wait(self) -> float:
        """Seconds to wait for the next answer."""
        if self.silences < ENOUGH or not self.slowest or self.silences % FULL_WAIT_EVERY == 0:
            return self._timeout
        return min(self._timeout, max(SHORTEST_WAIT, TIMES_AS_LONG * self.slowest))

    def answered(self, took: float) -> None:
        """An answer came after so many seconds."""
        self.silences = 0
        self.slowest = took if took > self.slowest else self.slowest - FORGETTING * (self.slowest - took)

    def silent(self) -> None:
        """None came."""
        self.silences += 1


@dataclass(frozen=True, slots=True)
class Trial:
    """A request that got no answer is made in two halves, to see what of it is to blame."""

    whole: Request
    halves: Sequence[Request]


class Suspicion:
    """Which requests get no answer, and what comes of halving them."""

    def __init__(self) -> None:
        self._silent: dict[Request, int] = {}
        self._trials: list[Trial] = []

    @property
    def any(self) -> bool:
        """Whether there is something to suspect, or on trial."""
        return bool(self._silent or self._trials)

    def silent(self, request: Request) -> None:
        """A request got no answer."""
        self._silent[request] = self._silent.get(request, 0) + 1

    def answered(self, request: Request) -> None:
        """A request was answered, well or badly."""
        self._silent.pop(request, None)

    def suspects(self, request: Request) -> bool:
        """Whether a request got no answer so often that it may be what the device does not answer."""
        return self._silent.get(request, 0) >= ENOUGH

    def halve(self, planned: PlannedRequest, halves: Sequence[PlannedRequest]) -> None:
        """A request is to blame: make its halves in its place, and suspect these at once."""
        self._silent.pop(planned.request, None)
        self._trials = [trial for trial in self._trials if planned.request not in trial.halves]
        self._trials.append(Trial(planned.request, [half.request for half in halves]))
        self._silent.update((half.request, ENOUGH) for half in halves)

    def conclude(self, experience: Experience, now: float) -> None:
        """Keep what is known when both halves of a request were answered: its hole or its length is to blame."""
        for trial in [trial for trial in self._trials if not any(map(self._silent.__contains__, trial.halves))]:
            self._trials.remove(trial)
            _learn(trial, experience, now)

    def drop(self) -> None:
        """All is planned anew."""
        self._trials.clear()
        self._silent.clear()


def _learn(trial: Trial, experience: Experience, now: float) -> None:
    one, two = trial.halves
    longest = experience.longest_answered(trial.whole.table)
    if trial.whole.count <= longest and one.end < two.address:
        experience.barred(Request(one.table, one.end, two.address - one.end), SILENT, now)
    else:
        experience.bounded(trial.whole.table, max(one.count, two.count), now)

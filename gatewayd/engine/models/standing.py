"""How a model stands: what it does now, since when and why, for those who ask."""

from __future__ import annotations

from gatewayd.models.card import ModelState
from gatewayd.records import Stamp

PATIENCE = 600_000_000_000
"""For how many ns there may be nothing to learn from before that is told."""


class Standing:
    """The state that a model is in, `why` in words, and since when."""

    def __init__(self, boot: str) -> None:
        self.state, self.why = ModelState.LEARNING, ""
        self.since: Stamp | None = None
        self._boot = boot
        self._told = False

    def enter(self, state: ModelState, why: str, time: int) -> None:
        """Come into a state, or stay in it for another reason."""
        if state is not self.state or self.since is None:
            self.state, self.since = state, Stamp(self._boot, time)
        self.why = why

    def is_news(self, time: int) -> bool:
        """Whether it has waited for so long, while it should have learned, that it must be told; once."""
        since = self.since
        if self._told or self.state is not ModelState.WAITING or since is None or time - since.time < PATIENCE:
            return False
        self._told = True
        return True

    def learned(self) -> None:
        """A version was learned: waiting for the next one will be news."""
        self._told = False

"""Gates: what a rule's `while` channel says about whether the rule is to judge at all."""

from __future__ import annotations

import math

from gatewayd.model import Quality


class Gate:
    """A channel that rules follow: 0 closes the gate, any other number opens it.

    `open` is None while the value is bad or was never seen; `known` is what the last good one said, however long ago.
    """

    __slots__ = ("known", "name", "open")

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: bool | None = None
        self.known: bool | None = None

    def sample(self, value: float, quality: int) -> bool:
        """Take a value in; True when the gate was opened or closed by it, or is found closed at first sight."""
        if quality > Quality.UNCERTAIN or not math.isfinite(value):
            self.open = None
            return False
        before, self.open = self.known, value != 0.0
        self.known = self.open
        return self.known is not before and not (before is None and self.open)

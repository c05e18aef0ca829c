"""Holding: for how long an operator's order holds, also over restarts of the gateway and of its machine."""

from __future__ import annotations

import msgspec

RENEWED = 60_000_000_000
"""After how many ns what is left is saved again: a power cut makes it that much longer at most."""

_UNITS = ((86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "min"), (1_000_000_000, "s"))


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is saved: when, in which boot, and for how many ns more it holds from then on (None: until it is ended)."""

    boot: str
    time: int
    left: int | None


class Holding:
    """An order that holds until `until` (ns; None: until it is taken back)."""

    __slots__ = ("_boot", "_renewed", "until")

    def __init__(self, boot: str, time: int, lasting: int | None) -> None:
        self._boot = boot
        self._renewed = time
        self.until = time + lasting if lasting else None

    @classmethod
    def restored(cls, kept: Kept, boot: str, time: int) -> Holding:
        """Go on at `time`. Time goes on in the same boot; how long a machine was off, nobody knows."""
        begin = kept.time if kept.boot == boot else time
        holding = cls(boot, begin, kept.left)
        holding._renewed = begin
        return holding

    def over(self, time: int) -> bool:
        """Whether its time is over."""
        return self.until is not None and time >= self.until

    def renewable(self, time: int) -> bool:
        """Whether what is left should be saved again."""
        return self.until is not None and time - self._renewed >= RENEWED

    def kept(self, time: int) -> Kept:
        """What must be saved at `time`."""
        self._renewed = time
        return Kept(self._boot, time, None if self.until is None else max(1, self.until - time))


def spelt(length: int) -> str:
    """A length of time (ns) as an operator would say it: `90 min`, `8 h`."""
    for unit, word in _UNITS:
        if length >= unit and length % unit == 0:
            return f"{length // unit} {word}"
    return f"{length / 1e9:.3g} s"

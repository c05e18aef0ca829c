"""Delays: whether something has held for long enough, as far as it was seen to hold."""

from __future__ import annotations

_FOR_EVER = 2**63


class Delay:
    """Runs while something holds, `length` ns long, on a channel that has a value every `interval` ns.

    What nobody saw is not counted upon: a silence longer than half the delay, and than three intervals, begins it
    anew. Bad values and shorter silences leave it running. Where the interval is unknown (0), so does any silence.
    """

    __slots__ = ("_last", "_length", "_patience", "since")

    def __init__(self, length: int, interval: int) -> None:
        self.since: int | None = None
        self._length = length
        self._patience = max(length // 2, 3 * interval) if interval else _FOR_EVER
        self._last = 0

    def passed(self, time: int) -> bool:
        """It holds at `time`; True when it has held for the whole delay."""
        if self.since is None or time - self._last > self._patience:
            self.since = time
        self._last = time
        return time - self.since >= self._length

    def stop(self) -> None:
        """It holds no longer."""
        self.since = None

    def state(self) -> tuple[int, int] | None:
        """Since when it has run and when that was last seen, for `restore` in the same boot."""
        return None if self.since is None else (self.since, self._last)

    def restore(self, state: tuple[int, int] | None) -> None:
        """Go on where `state` was taken."""
        if state is not None:
            self.since, self._last = state

    def held(self) -> int:
        """For how many ns it had held when it was last seen."""
        return 0 if self.since is None else self._last - self.since

"""Times in evidence: dates where the wall clock is known, else seconds since the machine was booted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from gatewayd.records import Stamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wall:
    """Puts times of a boot on the wall clock by its `offset`, if that is known."""

    boot: str
    offset: int | None

    @property
    def heading(self) -> str:
        """What a column of times is called."""
        return "time" if self.offset is None else "datetime"

    def text(self, time: int) -> str:
        """A time, as RFC 3339 has it (microseconds, UTC), or in seconds."""
        if self.offset is None:
            return f"{time // 1_000_000_000}.{time % 1_000_000_000:09}"
        seconds, rest = divmod(time + self.offset, 1_000_000_000)
        return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest // 1000:06}Z"

    def time(self, text: str) -> int:
        """The time of such a text. Raises ValueError."""
        if self.offset is None:
            seconds, _, rest = text.partition(".")
            return int(seconds) * 1_000_000_000 + int(rest)
        since = datetime.fromisoformat(text) - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000 - self.offset

    def stamp(self, stamp: Stamp | None) -> str | None:
        """A time that may be of an earlier boot, of which nothing is known here."""
        return None if stamp is None or stamp.boot != self.boot else self.text(stamp.time)

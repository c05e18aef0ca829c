"""The tally: what was sent since the start, and for which reasons messages were set aside."""

from __future__ import annotations

import structlog

log = structlog.get_logger()


class Tally:
    """Counts messages; those that are sent again count again in `sent`."""

    def __init__(self) -> None:
        self.sent = 0
        self.acked = 0
        self.refused = 0
        self._reasons: set[tuple[str, str]] = set()

    def set_aside(self, topic: str, reason: str) -> None:
        """Count a message that was set aside; the first of its topic and reason is logged."""
        self.refused += 1
        self._tell("message_set_aside", topic, reason)

    def done_without(self, topic: str, reason: str) -> None:
        """A status or a birth was refused."""
        self._tell("message_refused", topic, reason)

    def _tell(self, event: str, topic: str, reason: str) -> None:
        if (topic, reason) not in self._reasons:
            self._reasons.add((topic, reason))
            log.error(event, topic=topic, reason=reason)

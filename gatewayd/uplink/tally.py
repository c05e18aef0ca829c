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
        if (topic, reason) not in self._reasons:
            self._reasons.add((topic, reason))
            log.error("message_set_aside", topic=topic, reason=reason)

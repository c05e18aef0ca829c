"""The tally: what was sent since the start, and for which reasons messages were set aside."""

from __future__ import annotations

import re

import structlog

MOST = 256
"""Topics with a reason that are remembered as told."""
_NUMBER = re.compile(r"\d+")

log = structlog.get_logger()


class Tally:
    """Counts messages; those that are sent again count again in `sent`."""

    def __init__(self) -> None:
        self.sent = 0
        self.acked = 0
        self.refused = 0
        self._told: dict[tuple[str, str], None] = {}
        """Those that were logged, without the numbers in their reasons; the one that came last is the last."""

    def set_aside(self, topic: str, reason: str) -> None:
        """Count a message that was set aside; the first of its topic and reason is logged."""
        self.refused += 1
        self._tell("message_set_aside", topic, reason)

    def done_without(self, topic: str, reason: str) -> None:
        """A status or a birth was refused."""
        self._tell("message_refused", topic, reason)

    def _tell(self, event: str, topic: str, reason: str) -> None:
        key = topic, _NUMBER.sub("0", reason)
        if key not in self._told:
            log.error(event, topic=topic, reason=reason)
        self._told.pop(key, None)
        self._told[key] = None
        if len(self._told) > MOST:
            del self._told[next(iter(self._told))]

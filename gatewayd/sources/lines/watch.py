"""Watch: whether the turns of a line end when they should, and who is to blame when they do not."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

import structlog

from gatewayd.sources.calling.calls import Calls
from gatewayd.sources.health.status import SourceStatus, State
from gatewayd.sources.lines.polled import PolledSource

STUCK = "stuck in a call into the plugin that does not let itself be broken off"

log = structlog.get_logger()


class Watch:
    """Looks at a line from outside of its turns; `calls` are those that are made for it."""

    def __init__(self, line: str, calls: Calls, first: PolledSource) -> None:
        self.until = math.inf
        """When the next turn must have ended, if nothing is stuck: a time of the event loop, which may sleep, too."""
        self.in_turn = first
        """The source that has its turn, or had the last one."""
        self._line = line
        self._calls = calls
        self._stuck = False

    def progressing(self) -> bool:
        """Whether the line does something when it should, successfully or not."""
        return not (self._calls.ignored or self._overdue())

    def look(self) -> None:
        """Log once when a plugin holds the line up, and once when it goes on."""
        stuck = not self.progressing()
        if stuck and not self._stuck:
            log.error("line_stuck", **self.blamed())
        if self._stuck and not stuck:
            log.info("line_freed", line=self._line)
        self._stuck = stuck

    def blamed(self) -> dict[str, str]:
        """What the log says of a plugin that holds the line up."""
        source = self.in_turn
        return {"line": self._line, "source": source.name, "plugin": source.plugin, "reason": STUCK}

    def seen(self, each: Sequence[SourceStatus]) -> Sequence[SourceStatus]:
        """The statuses of the line's sources: while it is stuck, none of them is well."""
        if self.progressing():
            return each
        overdue = self._overdue()
        stuck = {self.in_turn.name: STUCK}
        waits = f"waits for {self.in_turn.name}, which is {STUCK}"
        return [
            replace(
                status,
                state=State.FAILING,
                seconds=overdue,
                last_error=stuck.get(status.name, waits),
                last_error_age=overdue,
            )
            for status in each
        ]

    def _overdue(self) -> float:
        """For how many seconds the turn should have ended."""
        return max(0.0, asyncio.get_running_loop().time() - self.until) if self.until < math.inf else 0.0

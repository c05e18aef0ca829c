"""Isolation: where lines with a process of their own come from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.isolation.limits import Limits
from gatewayd.model import Input
from gatewayd.sources import Polling

AT_A_TIME = 2
"""Processes that are started at the same time: more would only wait for the processor."""


class Isolation:
    """What all isolated lines of a gateway have in common."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._starts = asyncio.Semaphore(AT_A_TIME)

    def line(self, sources: Sequence[ConfiguredSource], plan: Plan, feed: Callable[[Input], None]) -> Polling:
        """The line that some sources share, for a process of its own."""
        from gatewayd.isolation.isolated import IsolatedLine  # noqa: PLC0415 - most gateways have none

        return IsolatedLine(sources, plan, feed, self._limits, self._starts)

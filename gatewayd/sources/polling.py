"""Polling: what the field expects of a line, whether its turns are taken in this process or in another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.model import Input
from gatewayd.sources.health.status import SourceStatus


class Polling(Protocol):
    """A line that is polled."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def members(self) -> Sequence[str]:
        """The names of its sources."""

    async def run(self) -> None:
        """Poll until cancelled, then close everything in bounded time."""

    def progressing(self) -> bool:
        """Whether it does something when it should, successfully or not."""

    def look(self) -> None:
        """Log once when it is stuck, and once when it goes on."""

    def status(self, now: int) -> Sequence[SourceStatus]:
        """How each of its sources is doing at `now` (`gatewayd.clock`)."""

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have a source set a channel. Raises ErrandError when that was not done."""

    def recall(self, memories: Mapping[str, bytes]) -> None:
        """Give each source what it remembered in an earlier run."""

    def memories(self) -> Mapping[str, bytes]:
        """What each source wants to remember, of those that can say."""


Apart = Callable[[Sequence[ConfiguredSource], Plan, Callable[[Input], None]], Polling]
"""Has the sources of one line polled in a process of their own."""

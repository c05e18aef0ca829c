"""Calls into plugins: bounded in time, and whatever they raise becomes one kind of failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gatewayd import clock
from gatewayd.errors import GatewaydError
from gatewayd.plugin import SourceError

GRACE = 5.0
"""Seconds that a call may take to end after it was broken off."""
LONGEST_REASON = 200
"""Characters of a reason that are kept: it travels with every value that it explains."""
SECOND = 1_000_000_000

T = TypeVar("T")


class CallFailed(GatewaydError):  # noqa: N818 - it is an event of every day
    """A call into a plugin failed; its text is the reason in one line.

    `broken_off`: the call did not end by itself. `traceback`: fields for the log that show where the plugin is
    wrong, when what it raised is nothing that a device leads to.
    """

    def __init__(self, reason: str, *, broken_off: bool = False, bug: BaseException | None = None) -> None:
        self.broken_off = broken_off
        self.traceback = {"exc_info": bug} if bug else {}
        super().__init__(reason)


class Calls:
    """The calls that are made for one line, one at a time."""

    def __init__(self) -> None:
        self.stopping = False
        """Set before the task that makes the calls is cancelled: other cancellations are a plugin's own."""
        self.expected = 0
        """When (`gatewayd.clock`) the line must have done something, if nothing is stuck."""
        self.expect(0.0)

    def expect(self, seconds: float) -> None:
        """Note that the line will do nothing for so long."""
        self.expected = clock.now() + int((seconds + GRACE) * SECOND)

    async def call(self, foreign: Callable[[], Awaitable[T]], limit: float) -> T:
        """What `foreign` gives, within `limit` seconds. Raises CallFailed, and CancelledError only when stopping."""
        self.expect(limit)
        already_stopping = self.stopping
        timeout = asyncio.timeout(limit)
        try:
            async with timeout:
                result = await foreign()
        except asyncio.CancelledError:
            if self.stopping and not already_stopping:
                raise
            raise CallFailed("the plugin cancelled its own call") from None
        except (Exception, SystemExit) as error:  # foreign code may raise anything
            if timeout.expired():
                raise _broken_off(limit) from error
            raise CallFailed(in_words(error), bug=_bug(error)) from error
        if self.stopping and not already_stopping:
            raise asyncio.CancelledError  # the plugin has swallowed it
        if timeout.expired():
            raise _broken_off(limit)
        return result


def in_words(error: BaseException) -> str:
    """What an exception says, in one line of reasonable length."""
    said = " ".join(str(error).split())
    if not isinstance(error, SourceError | GatewaydError) or not said:
        said = f"{type(error).__name__}: {said}".removesuffix(": ")
    return said if len(said) <= LONGEST_REASON else said[: LONGEST_REASON - 1] + "…"


def _bug(error: BaseException) -> BaseException | None:
    """The exception itself, unless it is one that a device or a network brings about."""
    return None if isinstance(error, SourceError | OSError | EOFError | GatewaydError) else error


def _broken_off(limit: float) -> CallFailed:
    return CallFailed(f"broken off after {limit:g} s", broken_off=True)

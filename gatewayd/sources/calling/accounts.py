"""Accounts: what each source has cost the gateway: time, failures, latency of the event loop, memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

LONG = 0.02
"""Seconds for which a step may hold the event loop without being counted: nothing should take longer."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """One source so far.

    `calls` into its plugin were made for it, of which `failures` failed. `seconds` is the time that they ran, not that
    in which they waited; `longest` is the longest that one of them held the event loop, `holds` how often that took
    more than 20 ms. `memory` are the bytes that can be reached from the source and its line, `growth` by how many they
    are more than at the first look; None: nobody has looked yet. For `busy` seconds its turns had the line.
    """

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    holds: int = 0
    memory: int | None = None
    growth: int | None = None
    busy: float = 0.0

    def beside(self, other: Accounts) -> Accounts:
        """The same together with those of another source."""
        return replace(
            self.after(other), memory=_sum(self.memory, other.memory), growth=_sum(self.growth, other.growth)
        )

    def after(self, earlier: Accounts) -> Accounts:
        """The same together with those of an earlier process."""
        return Accounts(
            calls=earlier.calls + self.calls,
            failures=earlier.failures + self.failures,
            seconds=earlier.seconds + self.seconds,
            longest=max(earlier.longest, self.longest),
            holds=earlier.holds + self.holds,
            memory=self.memory,
            growth=self.growth,
            busy=earlier.busy + self.busy,
        )


NOTHING_YET = Accounts()


@dataclass(frozen=True, slots=True)
class OwnProcess:
    """The process that an isolated source has, alone or with others of its line.

    `memory` is what it takes, in bytes; `failures` counts the processes that were ended or ended by themselves.
    """

    pid: int
    memory: int
    failures: int


def by_plugin(each: Iterable[tuple[str, Accounts]]) -> dict[str, Accounts]:
    """Those of all sources of each plugin together; `each` is a source's plugin and its accounts."""
    together: dict[str, Accounts] = {}
    for plugin, accounts in each:
        together[plugin] = accounts.beside(together[plugin]) if plugin in together else accounts
    return together


class Account:
    """The account of one source, while it is being kept."""

    __slots__ = ("busy", "calls", "failures", "holds", "longest", "memory", "memory_at_first", "seconds")

    def __init__(self) -> None:
        self.calls = 0
        self.failures = 0
        self.seconds = 0.0
        self.longest = 0.0
        self.holds = 0
        self.memory: int | None = None
        self.memory_at_first = 0
        self.busy = 0.0

    def add(self, seconds: float, longest: float) -> None:
        """A call ran for so many seconds, and for so long at once."""
        self.calls += 1
        self.seconds += seconds
        if longest > self.longest:  # noqa: PLR1730 - quicker than max()
            self.longest = longest

    def weighed(self, memory: int) -> None:
        """So many bytes can be reached now."""
        if self.memory is None:
            self.memory_at_first = memory
        self.memory = memory

    def read(self) -> Accounts:
        """As it stands."""
        growth = None if self.memory is None else self.memory - self.memory_at_first
        counts = self.calls, self.failures, self.seconds, self.longest, self.holds
        return Accounts(*counts, self.memory, growth, self.busy)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)

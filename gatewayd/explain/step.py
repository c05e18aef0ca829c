"""A step: what one table of the config does with one or more channels."""

from __future__ import annotations

import msgspec


class Step(msgspec.Struct, frozen=True):
    """`table` makes the channels `gives` of the channels `reads` (their numbers in the plan), as `how` says.

    `beside` are other channels that it looks at, by what it looks at them for: `while`, `shaft`, `by`.
    """

    table: str
    how: str
    reads: tuple[int, ...] = ()
    gives: tuple[int, ...] = ()
    beside: tuple[tuple[str, int], ...] = ()

    def needs(self) -> tuple[tuple[str, int], ...]:
        """All channels that it looks at, with what for; that is empty for those that it is about."""
        return (*(("", number) for number in self.reads), *self.beside)

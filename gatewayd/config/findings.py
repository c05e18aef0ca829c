"""Findings: what is wrong with a config, by path; the positions come later, once it is clear that any are needed."""

from __future__ import annotations

import msgspec

KeyPath = tuple[str | int, ...]
"""The way to a value from the top of the config: keys of tables and numbers of list elements."""

Position = tuple[int, int]
"""Line and column, from 1."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong at `path`, and what would be right; without `fatal` the rest can still run."""

    path: KeyPath
    what: str
    fix: str = ""
    fatal: bool = True


class Place(msgspec.Struct, frozen=True):
    """A place in the config, and the list that everything found to be wrong is entered into."""

    path: KeyPath = ()
    findings: list[Finding] = msgspec.field(default_factory=list)

    def at(self, *keys: str | int) -> Place:
        """A place further down."""
        return Place((*self.path, *keys), self.findings)

    def wrong(self, what: str, fix: str = "", *, fatal: bool = True) -> None:
        """Note that something is wrong here."""
        self.findings.append(Finding(self.path, what, fix, fatal))

    @property
    def name(self) -> str:
        """The last key on the way here, empty at the top."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def table(self) -> str:
        """The header of the table that this place is."""
        return f"[{'.'.join(str(part) for part in self.path)}]"

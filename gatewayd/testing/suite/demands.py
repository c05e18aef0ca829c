"""Demands: what the suite asks of a plugin, and what it says when that is not so."""

from __future__ import annotations


class ConformanceError(AssertionError):
    """A plugin does not do what gatewayd relies on; the text says what it did, and what would be right."""


def demand(*, holds: bool, what: str, fix: str) -> None:
    """Raise ConformanceError unless it holds."""
    __tracebackhide__ = True
    if not holds:
        raise ConformanceError(f"{what}; {fix}")

"""Complaints: all that is wrong with a source's options, so that it is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gatewayd.plugin import OptionError


class Complaints:
    """Collects what is raised about options."""

    def __init__(self) -> None:
        self._found: list[OptionError] = []

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Go on after the block whatever it says against options."""
        try:
            yield
        except OptionError as error:
            self._found += [error, *error.also]

    def tell(self) -> None:
        """Raise OptionError for all that was found."""
        if self._found:
            first, *also = self._found
            raise OptionError(first.option, first.what, first.fix, also)

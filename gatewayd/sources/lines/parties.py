"""Parties: which sources share a line, and what stands in for a line that cannot be had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatewayd.configured import ConfiguredSource
from gatewayd.foreign import OURS
from gatewayd.plugin import Line, Source, SourceError
from gatewayd.sources.calling.calls import in_words

LONGEST_LIMIT = 3600.0
"""Seconds that a source may allow its calls at most: until it is broken off, a call holds up its whole line."""


class NoLine(Line):
    """Stands in for the line of a source that cannot have the one it needs."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source)
        self._reason = reason

    async def open(self) -> None:
        """Say why there is none."""
        raise SourceError(self._reason)


@dataclass(frozen=True, slots=True)
class Party:
    """A line and the sources that share it, each with the seconds that its calls may take."""

    line: Line
    members: list[tuple[ConfiguredSource, float]]


def parties(sources: Iterable[ConfiguredSource]) -> list[Party]:
    """Bring the sources together that share a line; one that cannot use it gets a line that is never there."""
    parties: dict[int, Party] = {}
    for configured in sources:
        try:
            limit, line = _limit(configured.source), _line(configured)
        except OURS:
            raise
        except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
            limit, line = 1.0, NoLine(configured.name, f"plugin {configured.plugin!r} fails: {in_words(error)}")
        parties.setdefault(id(line), Party(line, [])).members.append((configured, limit))
    return list(parties.values())


def sharing(sources: Iterable[ConfiguredSource]) -> list[list[ConfiguredSource]]:
    """The sources by their lines; no plugin is asked."""
    lines: dict[int, list[ConfiguredSource]] = {}
    for each in sources:
        lines.setdefault(id(each if each.line is None else each.line), []).append(each)
    return list(lines.values())


def _limit(source: Source) -> float:
    """The seconds that the source's calls may take."""
    limit = float(source.poll_limit)
    if not 0 < limit <= LONGEST_LIMIT:
        raise SourceError(f"expected a poll_limit above 0 and of at most {LONGEST_LIMIT:g} s, got {limit:g} s")
    return limit


def _line(configured: ConfiguredSource) -> Line:
    """The source's line, handed over if it may be shared."""
    if configured.line is None:
        return Line(configured.name)
    configured.source.use(configured.line)
    return configured.line

"""Lines: what `gatewayd explain` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

INDENT = "  "


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The lineage of a channel or of tables for people, as `Lineage.of` tells it."""
    for number, table in enumerate(told.get("tables", ())):
        if number:
            yield ""
        yield _table(table)
        yield from _part("comes from", _read(table["reads"], 1))
        yield from _part("goes to", _given(table["gives"], 1))
    if "channel" in told:
        yield _channel(told)
        yield from _part("comes from", _back(told["from"], 1))
        yield from _part("goes to", _on(told["to"], 1))


def _part(heading: str, found: Iterator[str]) -> Iterator[str]:
    if content := list(found):
        yield ""
        yield heading
        yield from content


def _back(table: Mapping[str, Any] | None, depth: int) -> Iterator[str]:
    if table is None:
        return
    yield INDENT * depth + _table(table)
    yield from _read(table["reads"], depth + 1)


def _read(channels: Iterable[Mapping[str, Any]], depth: int) -> Iterator[str]:
    for each in channels:
        again = "" if "from" in each else ": see above"
        yield INDENT * depth + _channel(each) + again
        yield from _back(each.get("from"), depth + 1)


def _on(tables: list[Mapping[str, Any]], depth: int) -> Iterator[str]:
    for table in tables:
        yield INDENT * depth + _table(table)
        yield from _given(table["gives"], depth + 1)


def _given(channels: Iterable[Mapping[str, Any]], depth: int) -> Iterator[str]:
    for each in channels:
        again = "" if "to" in each else ": see above"
        yield INDENT * depth + _channel(each) + again
        yield from _on(each.get("to", []), depth + 1)


def _channel(told: Mapping[str, Any]) -> str:
    unit = f", in {told['unit']}" if told["unit"] else ""
    waves = ", waveforms" if told["kind"] == "waveform" else ""
    role = f"({told['as']}) " if "as" in told else ""
    return f"{role}{told['channel']}{unit}{waves}"


def _table(told: Mapping[str, Any]) -> str:
    at = f" {told['at']}" if told["at"] else ""
    role = f"({told['as']}) " if "as" in told else ""
    return f"{told['table']}{at}: {role}{told['how']}"

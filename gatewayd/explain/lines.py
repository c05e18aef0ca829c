"""Lines: what `gatewayd explain` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

INDENT = "  "


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The lineage of a channel for people, as `Lineage.of` tells it."""
    yield _channel(told)
    yield ""
    yield "comes from"
    yield from _back(told["from"], 1)
    yield ""
    yield "goes to"
    yield from _on(told["to"], 1)


def _back(table: Mapping[str, Any] | None, depth: int) -> Iterator[str]:
    if table is None:
        return
    yield INDENT * depth + _table(table)
    for each in table["reads"]:
        again = "" if "from" in each else ": see above"
        yield INDENT * (depth + 1) + _channel(each) + again
        yield from _back(each.get("from"), depth + 2)


def _on(tables: list[Mapping[str, Any]], depth: int) -> Iterator[str]:
    for table in tables:
        yield INDENT * depth + _table(table)
        for each in table["gives"]:
            again = "" if "to" in each else ": see above"
            yield INDENT * (depth + 1) + _channel(each) + again
            yield from _on(each.get("to", []), depth + 2)


def _channel(told: Mapping[str, Any]) -> str:
    unit = f", in {told['unit']}" if told["unit"] else ""
    waves = ", waveforms" if told["kind"] == "waveform" else ""
    role = f"({told['as']}) " if "as" in told else ""
    return f"{role}{told['channel']}{unit}{waves}"


def _table(told: Mapping[str, Any]) -> str:
    at = f" {told['at']}" if told["at"] else ""
    role = f"({told['as']}) " if "as" in told else ""
    return f"{told['table']}{at}: {role}{told['how']}"

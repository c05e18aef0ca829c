"""Sections: the tables of the first level, which of them must be there, and the named tables within them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gatewayd.config.findings import Place
from gatewayd.config.keys import keys
from gatewayd.config.kinds import NAME
from gatewayd.config.settings import Settings
from gatewayd.config.words import did_you_mean, got, quoted

ADD_SOURCE = 'add [sources.NAME] with plugin = "..."'
REQUIRED = {
    "gateway": 'add [gateway] with id = "..."',
    "mqtt": 'add [mqtt] with url = "mqtt://..."',
    "sources": ADD_SOURCE,
}
NAMED = (
    *("sources", "features", "bearings", "sensors", "calculated", "totals", "assets", "models", "forecasts", "rules"),
    "tests",
)
"""Sections whose tables are named by the integrator."""
LONGEST = 64
"""Characters of a name."""
SECTIONS = keys(Settings)


def homes(key: str) -> list[str]:
    """The tables that have a key, of those whose names are ours."""
    return [f"[{each}]" for each, its in SECTIONS.items() if each not in NAMED and key in keys(its.shape.kind)]


class Sections:
    """The whole config, of which each section is asked for in turn."""

    def __init__(self, data: Mapping[str, Any], place: Place) -> None:
        self._data = data
        self._place = place

    def check(self) -> None:
        """Note sections that are missing, unknown or no tables."""
        if not self._data:
            self._place.wrong("there is nothing in the file", "; ".join(REQUIRED.values()))
            return
        for section, fix in REQUIRED.items():
            if section not in self._data:
                self._place.wrong(f"[{section}] is missing", fix)
        for section, content in self._data.items():
            if section not in SECTIONS:
                self._unknown(section, content)
            elif not isinstance(content, dict):
                self._no_table(section, content)

    def table(self, section: str) -> dict[str, Any] | None:
        """A section, empty when it is not there; None when it must be there or is no table, which `check` notes."""
        content = self._data.get(section, None if section in REQUIRED else {})
        return content if isinstance(content, dict) else None

    def named(self, section: str) -> Iterator[tuple[str, dict[str, Any], Place]]:
        """The tables of a section with their names and places; what is no table is noted."""
        for name, table in (self.table(section) or {}).items():
            place = self._place.at(section, name)
            if len(name) > LONGEST:
                place.wrong(f"{quoted(name)} has {len(name)} characters", f"a name has {LONGEST} at most")
            elif not NAME.holds(name):
                place.wrong(f"{quoted(name)} cannot be a name", f"expected {NAME.words}")
            if isinstance(table, dict):
                yield name, table, place
            else:
                what = f"expected a table [{section}.NAME], got the key {quoted(name)}"
                place.wrong(what, f"keys belong below a table with a name of your own: [{section}.my_name]")

    def _no_table(self, section: str, content: Any) -> None:
        fix = f"write [{section}.NAME]" if section in NAMED else f"write [{section}]"
        tables = isinstance(content, list) and content and isinstance(content[0], dict)
        found = f"a list of tables [[{section}]]" if tables else got(content)
        self._place.at(section).wrong(f"{section}: expected a table, got {found}", fix)

    def _unknown(self, name: str, content: Any) -> None:
        place = self._place.at(name)
        if isinstance(content, dict):
            fix = did_you_mean(name, SECTIONS, "known tables")
            place.wrong(f"unknown table [{name}]", re.sub(r'"(\w+)"', r"[\1]", fix))
            return
        known = homes(name)
        fix = f"write it below {known[0]}" if known else "keys belong below a table"
        place.wrong(f"the key {quoted(name)} is in no table", fix)

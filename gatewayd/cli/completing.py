"""Completing: what a shell proposes for names that a config gives; nothing if it is not known or not right.

Somebody has pressed a key and waits: tables are taken as they are written, and no plugin is loaded to be named.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from gatewayd.cli.asking import USUAL_CONFIG, VARIABLE
from gatewayd.errors import GatewaydError
from gatewayd.state.places import config_files

Completer = Callable[[click.Context, click.Parameter, str], list[str]]

EXPLAINED = (
    *("sources", "features", "bearings", "sensors", "calculated", "totals", "assets", "models", "forecasts", "rules"),
)
"""Sections whose tables can be explained."""


def names(*sections: str) -> Completer:
    """Completes the names of the tables in some sections of the config."""
    return _completer(lambda: [name for _, name in _tables(sections)])


def _tables(sections: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The section and the name of each table. Raises OSError, ValueError."""
    for path in _files():
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        for section in sections:
            if isinstance(table := data.get(section), dict):
                yield from ((section, name) for name in table)


def _files() -> list[Path]:
    """The files of the config of which one does not see yet whether another is named behind."""
    return config_files(Path(os.environ.get(VARIABLE) or USUAL_CONFIG).absolute())


def _channels() -> list[str]:
    """The channels, derived ones too: these alone take a whole reading of the config."""
    from gatewayd.cli.remembering import remembered  # noqa: PLC0415 - only while somebody presses a key

    def read(path: Path) -> list[str]:
        from gatewayd.config import load  # noqa: PLC0415

        return [channel.name for channel in load(path, offline=True).plan.channels]

    files = _files()
    return remembered(files, lambda: read(files[0]))


def _explained() -> list[str]:
    tables = list(_tables(EXPLAINED))
    return [*_channels(), *(f"{section}.{name}" for section, name in tables), *(name for _, name in tables)]


def _plugins() -> list[str]:
    from importlib.metadata import entry_points  # noqa: PLC0415

    return [point.name for point in entry_points(group="gatewayd")]


def _completer(find: Callable[[], list[str]]) -> Completer:
    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        try:
            found = find()
        except (GatewaydError, OSError, ValueError):  # a config that is not there, or not right
            return []
        return sorted({name for name in found if name.startswith(begun)})

    return complete


channels = _completer(_channels)
explained = _completer(_explained)
plugins = _completer(_plugins)

"""Completing: what a shell proposes for names that a config gives; nothing if it is not known or not right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from gatewayd.cli.asking import USUAL_CONFIG, VARIABLE
from gatewayd.errors import GatewaydError

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def names(*sections: str) -> Completer:
    """Completes the names of the tables in some sections of the config."""
    return _completer(lambda: _names(sections))


def _names(sections: Iterable[str]) -> list[str]:
    from gatewayd.config.text.documents import documents  # noqa: PLC0415 - only while somebody presses a key
    from gatewayd.config.text.merging import Merged  # noqa: PLC0415

    data = Merged(documents(_config())).data
    tables = [table for section in sections if isinstance(table := data.get(section), dict)]
    return [name for table in tables for name in table]


def _channels() -> list[str]:
    from gatewayd.config import load  # noqa: PLC0415

    return [channel.name for channel in load(_config(), offline=True).plan.channels]


def _plugins() -> list[str]:
    from gatewayd.registry import Registry  # noqa: PLC0415

    return Registry().names()


def _config() -> Path:
    """The config of which one does not see yet whether another is named behind."""
    return Path(os.environ.get(VARIABLE) or USUAL_CONFIG)


def _completer(find: Callable[[], list[str]]) -> Completer:
    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        try:
            found = find()
        except GatewaydError:
            return []
        return sorted({name for name in found if name.startswith(begun)})

    return complete


channels = _completer(_channels)
plugins = _completer(_plugins)

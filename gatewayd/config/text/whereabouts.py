"""Whereabouts: where each table of a config is written, for those who want to edit it."""

from __future__ import annotations

from pathlib import Path

from gatewayd.config.text.documents import documents
from gatewayd.config.text.merging import Merged


class Whereabouts:
    """Where the tables of the config at `path` are. Raises ConfigError when it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._merged = Merged(documents(path))
        self._folder = path.parent

    def of(self, table: str) -> str:
        """Of `[rules.overpressure]`: `gatewayd.toml:12`, seen from the folder of the config; empty: nowhere."""
        path = tuple(table.strip("[]").split("."))
        content = self._merged.data
        for key in path:
            if not isinstance(content, dict) or key not in content:
                return ""
            content = content[key]
        document = self._merged.home(path)
        line, _ = document.position(path) or (1, 1)
        return f"{document.path.relative_to(self._folder)}:{line}"

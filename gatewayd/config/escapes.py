"""Escapes: a backslash in double quotes that TOML reads as a control character, though a path was meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewayd.config.findings import Finding, Path
from gatewayd.config.merging import Merged
from gatewayd.config.words import quoted

_MISTAKEN = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def mistaken_escapes(merged: Merged) -> Iterator[Finding]:
    r"""Texts such as `"C:\new"`, in which `\n` is a line break. A rule's text may have some."""
    for path, text in _texts(merged.data, ()):
        signs = [sign for character, sign in _MISTAKEN.items() if character in text]
        if signs and not (path[0] == "rules" and path[-1] == "text") and _is_written(merged, path, signs):
            plain = "".join(_MISTAKEN.get(character, character) for character in text)
            what = f"{signs[0]} in double quotes is a control character: the text reads {quoted(text)}"
            yield Finding(path, what, f"write it in single quotes: '{plain}'")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, (*path, number))


def _is_written(merged: Merged, path: Path, signs: list[str]) -> bool:
    """Whether the escape is written in the line where the text begins; long texts may have real line breaks."""
    document = merged.home(path)
    position = document.position(path)
    return position is not None and any(sign in document.line(position[0]) for sign in signs)

"""Oddities: values that the parser lets pass although nobody can mean them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewayd.config.findings import Finding, KeyPath
from gatewayd.config.text.merging import Merged
from gatewayd.config.words import is_huge, quoted

_MISTAKEN = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def mistaken_escapes(merged: Merged) -> Iterator[Finding]:
    r"""Texts such as `"C:\new"`, in which `\n` is a line break. A rule's text may have some."""
    for path, text in _leaves(merged.data, ()):
        signs = [sign for character, sign in _MISTAKEN.items() if isinstance(text, str) and character in text]
        if signs and not (path[0] == "rules" and path[-1] == "text") and _is_written(merged, path, signs):
            plain = "".join(_MISTAKEN.get(character, character) for character in text)
            what = f"{signs[0]} in double quotes is a control character: the text reads {quoted(text)}"
            yield Finding(path, what, f"write it in single quotes: '{plain}'")


def huge_numbers(merged: Merged) -> Iterator[Finding]:
    """Whole numbers that no TOML file should have, and that cannot be written down again."""
    for path, number in _leaves(merged.data, ()):
        if isinstance(number, int) and is_huge(number):
            yield Finding(path, "the number is too large", "a whole number has 64 bits at most")


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _leaves(each, (*path, number))
    else:
        yield path, value


def _is_written(merged: Merged, path: KeyPath, signs: list[str]) -> bool:
    """Whether the escape is written in the line where the text begins; long texts may have real line breaks."""
    document = merged.home(path)
    position = document.position(path)
    return position is not None and any(sign in document.line(position[0]) for sign in signs)

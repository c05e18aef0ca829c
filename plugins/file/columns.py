"""Columns: how the headings of a recording become names of channels."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable


def channel_names(columns: Iterable[str]) -> dict[str, str]:
    """A channel for each column; a heading that comes to the name of another one gets a number."""
    channels: dict[str, str] = {}
    for column in columns:
        name = _name(column)
        names = itertools.chain([name], (f"{name}_{n}" for n in itertools.count(2)))
        channels[next(each for each in names if each not in channels)] = column
    return channels


def _name(column: str) -> str:
    """A column's heading as a channel may be called; of letters with accents the letters are left."""
    letters = "".join(each for each in unicodedata.normalize("NFKD", column) if not unicodedata.combining(each))
    return re.sub(r"[^A-Za-z0-9_-]+", "_", letters).strip("_") or "column"

"""Options: a sample that is made of a plugin's options, where it brings none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gatewayd.config.keys import keys
from gatewayd.config.words import expected
from gatewayd.editing.defaults import NONE, defaults


def made_sample(plugin: str, kind: Any) -> str:
    """A table of a source with all its options: those that are required, then the defaults, then the others."""
    return "\n".join(
        ["## Made of the options of the plugin, which brings no sample of its own.\n", *_lines(plugin, kind)]
    )


def _lines(plugin: str, kind: Any) -> Iterator[str]:
    known, usual = keys(kind), defaults(kind)
    yield f"[sources.my_{plugin}]"
    yield f'plugin = "{plugin}"'
    yield '# interval = "1s"'
    for name, key in known.items():
        if key.required:
            yield f"\n## {name} must be given: {expected(key.shape.kind)}."
    for name, key in known.items():
        if not key.required and usual.get(name, NONE) is not NONE:
            yield f"\n## {_capital(expected(key.shape.kind))}.\n# {name} = {_toml(usual[name])}"
    for name, key in known.items():
        if not key.required and usual.get(name, NONE) is NONE:
            yield f"\n## {name} may be given: {expected(key.shape.kind)}."
    yield ""


def _toml(value: Any) -> str:
    """JSON's form of what a default can be is TOML's, too."""
    return msgspec.json.encode(value).decode()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Words: what a kind of value is called, what was found instead, and which name might have been meant."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from gatewayd.config.keys import UNIONS, is_record
from gatewayd.config.kinds import NOTATIONS
from gatewayd.foreign import encodable

_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list [...]",
    tuple: "a list [...]",
    set: "a list [...]",
    frozenset: "a list [...]",
    Sequence: "a list [...]",
    dict: "a table",
    Mapping: "a table",
}
_BOUNDS = {
    "ge": "of at least",
    "gt": "above",
    "le": "of at most",
    "lt": "below",
    "multiple_of": "that is a multiple of",
    "min_length": "of a length of at least",
    "max_length": "of a length of at most",
    "pattern": "of the form",
}
LONGEST = 12
"""How many names are listed at most."""
MOST = 60
"""Characters of a wrong value that are shown."""


_UNSEEN = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that would do something to a terminal, or turn the direction of writing, and how they are shown."""


def expected(kind: Any) -> str:
    """What values of a type are called."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return expected(arguments[0]) + "".join(
            _bounds(each) for each in arguments[1:] if isinstance(each, msgspec.Meta)
        )
    if origin is Literal:
        return one_of(arguments)
    if origin in UNIONS:
        return " or ".join(expected(each) for each in arguments if each is not type(None))
    kind = origin or kind
    if kind in NOTATIONS:
        return NOTATIONS[kind].words
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return one_of(each.value for each in kind)
    return _NAMES.get(kind) or ("a table" if is_record(kind) else str(getattr(kind, "__name__", kind)))


def _bounds(meta: msgspec.Meta) -> str:
    example = f" such as {listed(meta.examples[:1])}" if meta.examples else ""
    if meta.ge is not None and meta.le is not None:
        return f" from {meta.ge} to {meta.le}{example}"
    bounds = {name: getattr(meta, name) for name in _BOUNDS}
    return "".join(f" {_BOUNDS[name]} {bound}" for name, bound in bounds.items() if bound is not None) + example


def got(value: Any) -> str:
    """A value as it was found."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"text {quoted(value)}" + (f" of {len(value)} characters" if len(value) > MOST else "")
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, int | float):
        return "too large a number" if is_huge(value) else str(value)
    return f"the date or time {value}"


def is_huge(value: float) -> bool:
    """Whether it is beyond what TOML promises; Python may even refuse to write it."""
    return isinstance(value, int) and value.bit_length() > 64


def quoted(text: str, most: int = MOST) -> str:
    """A text in double quotes, on one line and not too long."""
    shown = text if len(text) <= most else f"{text[:most]}..."
    return msgspec.json.encode(encodable(shown)).decode().translate(_UNSEEN)


def one_of(values: Iterable[Any]) -> str:
    """A choice between values."""
    return f"one of {listed(values)}"


def listed(values: Iterable[Any]) -> str:
    """Values one after the other, texts in quotes."""
    return ", ".join(quoted(value) if isinstance(value, str) else str(value) for value in values)


def likely(wrong: str, right: Iterable[str]) -> list[str]:
    """Those that were probably meant: that begin so, else the one that is most alike. Case does not count."""
    from gatewayd.config.likeness import most_alike  # noqa: PLC0415 - only for a config that is wrong

    names = {each.lower(): each for each in sorted(right)}
    sought = wrong.lower()
    if sought in names:
        return [names[sought]]
    begun = [each for lower, each in names.items() if sought and lower.startswith(sought)]
    return begun[:LONGEST] or [names[each] for each in most_alike(sought, list(names))]


def did_you_mean(wrong: str, right: Iterable[str], instead: str = "") -> str:
    """Those that were probably meant, else `instead` (if it is given) and all of them."""
    right = sorted(right)
    if meant := likely(wrong, right):
        return f"did you mean {one_of(meant) if len(meant) > 1 else listed(meant)}?"
    more = ", ..." if len(right) > LONGEST else ""
    return f"{instead}: {listed(right[:LONGEST])}{more}" if right and instead else ""


def spell(nanoseconds: int) -> str:
    """A duration as it is written in a config."""
    return f"{nanoseconds / 1e9:g}s" if nanoseconds >= 1_000_000_000 else f"{nanoseconds / 1e6:g}ms"

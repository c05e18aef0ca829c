"""Adoption: what a source takes over from the profile that it names."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, get_type_hints

import msgspec

from gatewayd.plugin import OptionError, Source
from gatewayd_plugins.modbus.fields.options import ChannelOptions, RegisterOptions
from gatewayd_plugins.modbus.fields.registers import FIRST_DIGIT, place
from gatewayd_plugins.modbus.profiles.profile import Profile, ProfileError, decoded, profile

NOT_OF_PROFILES = frozenset({"unit", "base", "profile"})
"""Of the options that have a default, those that a profile cannot give."""
_DIGIT = {table: digit for digit, table in FIRST_DIGIT.items()}


def adopted(name: str, include: Sequence[str], own: Mapping[str, ChannelOptions]) -> dict[str, ChannelOptions]:
    """The channels of a profile that the patterns include, and `own` ones, which replace those of their name.

    Raises OptionError for the options `profile` and `include`.
    """
    if not name:
        if include:
            raise OptionError(["include"], "include chooses among a profile's channels", 'give profile = "...", too')
        return dict(own)
    known = _profile(name)
    chosen = _included(known, include) if include else list(known.channels)
    taken = {each: _settled(known.channels[each], known.base, ("channels", each)) for each in chosen}
    return {**taken, **own}


def take_over_options(source: Source, name: str) -> None:
    """Set the options of a source that a profile gives and that the source leaves at their defaults."""
    if not name:
        return
    kinds = get_type_hints(type(source), include_extras=True)
    every = dataclasses.fields(source)  # type: ignore[arg-type] # it is a dataclass
    defaults = {each.name: each.default for each in every if each.default is not dataclasses.MISSING}
    for key, value in _profile(name).options.items():
        if key in NOT_OF_PROFILES or key not in defaults:
            raise OptionError(["profile"], f"{name} gives {key}, which no profile can give", "mend the profile")
        if getattr(source, key) == defaults[key]:
            setattr(source, key, msgspec.convert(value, kinds[key], dec_hook=decoded))


def _profile(name: str) -> Profile:
    try:
        return profile(name)
    except ProfileError as error:
        raise OptionError(["profile"], str(error), error.fix) from None


def _included(known: Profile, patterns: Sequence[str]) -> list[str]:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known.channels):
            what = f"{pattern!r} matches no channel of the profile"
            raise OptionError(["include"], what, f"it has {', '.join(known.channels)}")
    return [name for name in known.channels if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _settled(options: ChannelOptions, base: int, path: Sequence[str]) -> ChannelOptions:
    """The same with registers that do not depend on a base, as manuals number them."""
    inner: dict[str, Any] = {}
    for key in ("rate", "ready", "sequence"):
        given = getattr(options, key)
        if isinstance(given, str):
            inner[key] = _numbered(given, base, path)
        elif isinstance(given, RegisterOptions):
            inner[key] = dataclasses.replace(given, register=_numbered(given.register, base, path))
    return dataclasses.replace(options, register=_numbered(options.register, base, path), **inner)


def _numbered(register: str, base: int, path: Sequence[str]) -> str:
    try:
        table, address = place(register, base, path)
    except OptionError as error:
        raise OptionError(["profile"], f"{error.what}, in the profile", error.fix) from None
    return f"{_DIGIT[table]}{address + 1:05}"

"""A record: what goes upstream, in the times of the boot that it names."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What goes upstream. `boot` is the boot that all plain times of the record belong to."""

    boot: str


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """A time that may belong to an earlier boot than the record that carries it."""

    boot: str
    time: int

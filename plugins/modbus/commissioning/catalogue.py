"""The catalogue: which devices are known, and what is known of one."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gatewayd_plugins.modbus.fields.options import ChannelOptions
from gatewayd_plugins.modbus.profiles.profile import Document, Profile, ProfileError, path_of, profile, shipped


def catalogue() -> Iterator[str]:
    """A line for each profile."""
    width = max(map(len, shipped()))
    for name in shipped():
        known = profile(name)
        yield f"{name:<{width}}  {known.title} ({len(known.channels)} channels)"


def file(name: str) -> str:
    """The text of a profile's file."""
    _known(name)
    return path_of(name).read_text(encoding="utf-8")


def description(name: str) -> Iterator[str]:
    """A profile in words."""
    known = _known(name)
    yield f"{name}: {known.title}"
    if known.serial:
        yield f"  serial line: {known.serial}"
    yield from (f"  {key} = {value}" for key, value in known.options.items())
    yield from (f"  {line}" for line in known.note.strip().splitlines())
    base = f", counted from {known.base}" if known.base else ""
    yield from ("", f"channels (registers as in the documents{base})")
    width = max(map(len, known.channels))
    yield from (f"  {each:<{width}}  {_channel(options)}".rstrip() for each, options in known.channels.items())
    yield from ("", "made from")
    for document in known.documents:
        yield from _document(document)
    if known.unverified:
        yield "not verified"
        yield from (f"  {each}" for each in known.unverified)
    yield f'\n[sources.NAME]\nplugin = "modbus"\nurl = "..."\nunit = 1\nprofile = "{name}"\ninterval = "10s"'


def _known(name: str) -> Profile:
    try:
        return profile(name)
    except ProfileError as error:
        raise click.ClickException(f"{error}; {error.fix}") from None


def _document(document: Document) -> Iterator[str]:
    yield f"  {document.title}" + (f", {document.edition}" if document.edition else "")
    if document.url:
        yield f"    {document.url}"
    yield f"    for: {document.used}"


def _channel(options: ChannelOptions) -> str:
    """Where a channel lies, what it is, its unit, and what its numbers mean."""
    place = [options.register]
    if options.bit is not None:
        place.append(f"bit {options.bit}")
    if options.byte is not None:
        place.append(f"{options.byte} byte")
    form = [options.type or "", options.byte_order or ""]
    if options.scale != 1:
        form.append(f"* {options.scale:g}")
    if options.offset != 0:
        form.append(f"{options.offset:+g}")
    labels = ", ".join(f"{number} {label}" for number, label in (options.labels or {}).items())
    return f"{' '.join(place):<20} {' '.join(filter(None, form)):<22} {options.unit:<18} {labels}"

"""A source made from its options as the config makes it: read by msgspec, with durations as people write them."""

from pathlib import Path

import msgspec

from gatewayd.plugin import Duration


def configured(kind, **options):
    """A source of this class; raises msgspec.ValidationError for options that are wrong."""
    return msgspec.convert(options, kind, dec_hook=_read)


def _read(kind, value):
    if kind is Duration:
        return Duration.parse(value)
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)

"""A source made from its options as the config makes it, without a config: for tests of a class."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from gatewayd.config.kinds import decode
from gatewayd.plugin import Source

S = TypeVar("S", bound=Source)


def made(kind: type[S], **options: Any) -> S:
    """A source of this class, its options written as in a config (`timeout="5s"`).

    Raises msgspec.ValidationError for an option that is wrong, OptionError for what `__post_init__` refuses.
    """
    return msgspec.convert(options, kind, dec_hook=decode)

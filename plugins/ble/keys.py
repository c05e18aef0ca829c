"""Keys: the secret of a device that encrypts, from the config or from a file that only gatewayd can read."""

from __future__ import annotations

import re
from pathlib import Path

from gatewayd.plugin import OptionError, SourceError

DIGITS = 32
WANTED = f"a key has {DIGITS} hexadecimal digits"


def written_key(text: str) -> bytes:
    """The key that stands in the config. Raises OptionError, which does not tell it."""
    key = _key(text)
    if key is None:
        raise OptionError(["key"], f"this is no key: {WANTED}", "write them as the device's app shows them")
    return key


def key_in(file: Path) -> bytes:
    """The key in a file. Raises SourceError."""
    try:
        key = _key(file.read_text(encoding="ascii"))
    except OSError as error:
        raise SourceError(f"the key cannot be read: {error.strerror}: {file}") from error
    except UnicodeDecodeError:
        key = None
    if key is None:
        raise SourceError(f"there is no key in {file}: {WANTED}")
    return key


def _key(text: str) -> bytes | None:
    digits = re.sub(r"[\s:-]", "", text)
    return bytes.fromhex(digits) if re.fullmatch(rf"[0-9a-fA-F]{{{DIGITS}}}", digits, re.ASCII) else None

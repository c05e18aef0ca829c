"""Reading: what a file of evidence says, and its parts as files of their own."""

from __future__ import annotations

import shutil
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.errors import GatewaydError
from gatewayd.evidence.content import DESCRIPTION

LARGEST = 64 << 20
"""Bytes of a description that are believed."""
SPOILT = (EOFError, ValueError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error)
"""What zipfile raises for damaged files; a flipped bit may claim that one is encrypted, or packed some new way."""


class EvidenceError(GatewaydError):
    """Evidence cannot be read or written."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")


def opened(path: Path) -> dict[str, Any]:
    """What evidence.json says. Raises EvidenceError."""
    try:
        with zipfile.ZipFile(path) as file:
            if file.getinfo(DESCRIPTION).file_size > LARGEST:
                raise EvidenceError(path, "its description is too large")
            described: dict[str, Any] = msgspec.json.decode(file.read(DESCRIPTION), type=dict[str, Any])
            return described
    except (KeyError, msgspec.MsgspecError, OSError, *SPOILT) as error:
        raise EvidenceError(path, f"it is no evidence ({error})") from error


def exported(path: Path, target: Path) -> list[Path]:
    """Copy a file of evidence to a file (`x.zip`), or its parts into a folder; give what was written.

    Raises EvidenceError.
    """
    try:
        if target.suffix == ".zip":
            shutil.copyfile(path, target)
            return [target]
        target.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path) as file:
            return [Path(file.extract(name, target)) for name in file.namelist()]
    except (OSError, *SPOILT) as error:
        raise EvidenceError(target, f"it cannot be written ({error})") from error

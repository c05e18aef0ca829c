"""The state folder: whether it could ever be one, as far as the config alone tells."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

from gatewayd.config.files import shown
from gatewayd.config.findings import Place
from gatewayd.state.places import SOCKET

LONGEST_ADDRESS = 107
"""Bytes of the path of a Unix socket on Linux."""
OF_THE_KERNEL = ("proc", "sys")


def check_state_folder(folder: Path, place: Place, *, offline: bool) -> None:
    """Note that it cannot be one. `offline`: on this machine it need not be possible."""
    most = LONGEST_ADDRESS - len(os.fsencode(SOCKET)) - 1
    size = len(os.fsencode(folder))
    if size > most:
        what = f"the path of the state folder has {size} bytes, too many for its control socket"
        place.wrong(what, f"{most} are possible: choose a shorter one")
    if folder.parts[1:2] and folder.parts[1] in OF_THE_KERNEL:
        place.wrong(f"nothing can be kept below /{folder.parts[1]}", "choose a folder on a disk")
    elif not offline and (file := _in_the_way(folder)) is not None:
        place.wrong(f"{shown(file)} is a file, not a folder", "choose another path, or move the file away")


def _in_the_way(folder: Path) -> Path | None:
    """What is no folder of the path; what cannot be looked at may be right."""
    try:
        there = next(each for each in chain([folder], folder.parents) if each.exists())
    except OSError:
        return None
    return None if there.is_dir() else there

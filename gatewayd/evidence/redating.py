"""Redating: evidence that was written before the clock was set gets its times when it is."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO, StringIO
from typing import Any

import msgspec
import structlog

from gatewayd import clock
from gatewayd.clock import ClockState, Dating
from gatewayd.evidence.content import DESCRIPTION, packed
from gatewayd.evidence.folder import Folder, Kept, TooLargeError
from gatewayd.evidence.reading import SPOILT
from gatewayd.evidence.wall import Wall

MOVED = 1_000_000_000
"""Nanoseconds by which the clock must have been set to make it worth writing files again."""

_TIMES = frozenset({"time", "since", "raised", "from", "to", "learned"})
"""What times are called, wherever they stand in a description."""

log = structlog.get_logger()


class Redating:
    """Sees to it that all evidence of this boot in a folder is dated as the clock is now."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._done: Dating | None = None

    def look(self) -> None:
        """Write again what was written under another clock. Where the disk refuses, the next look tries again."""
        now = clock.dating()
        if now.offset is None or (self._done is not None and _stands(self._done, now)):
            return
        with suppress(OSError):
            files = sum(self._redate(file, now) for file in self._of_this_boot())
            self._done = now
            if files:
                log.info("evidence_redated", files=files, clock=now.state)

    def _of_this_boot(self) -> Iterator[tuple[Kept, bytes]]:
        """The newest first; behind the first one of an earlier boot there are only such."""
        for file in reversed(self._folder.kept()):
            data = file.path.read_bytes()
            boot = boot_of(data)
            if boot == clock.boot():
                yield file, data
            elif boot is not None:
                return

    def _redate(self, found: tuple[Kept, bytes], now: Dating) -> bool:
        """Whether a file had to be written again. One that is damaged, or of an earlier version, stays as it is."""
        file, data = found
        with suppress(KeyError, msgspec.MsgspecError, TooLargeError, *SPOILT):
            again = redated(data, now)
            if again is not None:
                self._folder.replace(file, again)
                return True
        return False


def boot_of(data: bytes) -> str | None:
    """The boot that a file is about; None where it does not say so."""
    with suppress(KeyError, msgspec.MsgspecError, *SPOILT), zipfile.ZipFile(BytesIO(data)) as file:
        return str(_described(file)["boot"])
    return None


def redated(data: bytes, now: Dating) -> bytes | None:
    """A file with its times as they are `now`; None if they are so already.

    Raises KeyError, msgspec.MsgspecError or what is SPOILT when it is damaged.
    """
    with zipfile.ZipFile(BytesIO(data)) as file:
        described = _described(file)
        before = Dating(described["offset"], vouched=described["clock"] == ClockState.SYNCHRONIZED)
        if _stands(before, now):
            return None
        old, new = Wall("", before.offset), Wall("", now.offset)

        def moved(text: str) -> str:
            return new.text(old.time(text))

        described = {**_moved(described, moved), "clock": now.state, "offset": now.offset}
        parts = {name: file.read(name) for name in file.namelist() if name != DESCRIPTION}
        tables = {
            name: _table(part.decode(), new.heading, moved).encode()
            for name, part in parts.items()
            if name.endswith(".csv")
        }
        return packed(described, parts | tables)


def _described(file: zipfile.ZipFile) -> dict[str, Any]:
    return msgspec.json.decode(file.read(DESCRIPTION), type=dict[str, Any])


def _stands(before: Dating, now: Dating) -> bool:
    """Whether there is nothing to mend: it was vouched for, or still is not, and the clock was not set since."""
    if before.offset is None or now.offset is None:
        return before == now
    return (before.vouched or not now.vouched) and abs(before.offset - now.offset) < MOVED


def _moved(told: Any, moved: Callable[[str], str]) -> Any:
    """The same with all times moved."""
    if isinstance(told, list):
        return [_moved(each, moved) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        key: moved(value) if key in _TIMES and isinstance(value, str) else _moved(value, moved)
        for key, value in told.items()
    }


def _table(text: str, heading: str, moved: Callable[[str], str]) -> str:
    """A table whose first column are times."""
    (_, *channels), *lines = csv.reader(StringIO(text))
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([heading, *channels])
    writer.writerows([moved(time), *cells] for time, *cells in lines)
    return out.getvalue()

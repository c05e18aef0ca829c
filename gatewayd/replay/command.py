"""What `gatewayd replay` does with its options."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from gatewayd.errors import ReplayError
from gatewayd.replay.bursts import Waveform
from gatewayd.replay.json_form import in_json
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.replay import Progress, Stream, replay
from gatewayd.replay.telling import lines, warnings

Showing = Callable[[int], AbstractContextManager[Progress]]
"""Shows how far something has come that has so many bytes."""
Say = Callable[[str], None]
"""Says lines to whoever asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be replayed, as one stream or each recording by itself, and what is to be written.

    `rows` and `page` name a file; of several replays, a folder for as many.
    """

    config: Path
    data: Sequence[Path]
    source: str | None = None
    column: str | None = None
    rate: float | None = None
    as_one: bool = False
    rows: Path | None = None
    page: Path | None = None
    as_json: bool = False


def run(task: Task, showing: Showing, say: Say, warn: Say) -> None:
    """Replay one after the other, and say what came of each. Raises ReplayError, and ConfigError."""
    for replayed in _replays(task, showing):
        for warning in warnings(replayed):
            warn(f"{replayed.title}: warning: {warning}")
        say(in_json(replayed) if task.as_json else "\n".join(lines(replayed)))


def _replays(task: Task, showing: Showing) -> Iterator[Replayed]:
    streams = [task.data] if task.as_one else [[each] for each in task.data]
    top = _top(task.data)
    for paths in streams:
        beside = paths[0].absolute().relative_to(top) if len(streams) > 1 else None
        rows, page = _place(task.rows, beside, ".csv"), _place(task.page, beside, ".html")
        _spare(task.data, rows, page)
        with showing(sum(map(_size, paths))) as progress:
            stream = Stream(paths=paths, given=task.source, waveform=Waveform(task.column, task.rate), rows=rows)
            replayed = replay(task.config, stream, progress)
        if page is not None:
            _write(page, replayed)
        yield replayed


def _spare(data: Sequence[Path], *written: Path | None) -> None:
    """Raise ReplayError when a recording would be written over."""
    recordings = {each.resolve() for each in data}
    for path in written:
        if path is not None and path.resolve() in recordings:
            raise ReplayError(str(path), "it is a recording itself, and would be written over", "name another one")


def _write(page: Path, replayed: Replayed) -> None:
    from gatewayd.replay.page import page_of  # noqa: PLC0415 - without a page nothing need be drawn

    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(page_of(replayed).html(), encoding="utf-8")
    except OSError as error:
        raise ReplayError(str(page), f"it cannot be written ({error.strerror})") from None


def _top(data: Sequence[Path]) -> Path:
    """The folder that all recordings are in or below."""
    return Path(os.path.commonpath([each.absolute().parent for each in data]))


def _place(given: Path | None, beside: Path | None, suffix: str) -> Path | None:
    """Where something is written: into the file that is given, or of several into that folder, as they stand."""
    return given if given is None or beside is None else (given / beside).with_suffix(suffix)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ReplayError(str(path), f"it cannot be read ({error.strerror})") from None

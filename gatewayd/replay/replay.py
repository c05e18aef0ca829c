"""The whole of a replay: what the recordings are, where their columns belong, and through the engine with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from gatewayd.config import Config, load
from gatewayd.config.words import quoted
from gatewayd.errors import ReplayError
from gatewayd.model import Kind
from gatewayd.replay.bursts import Waveform, replay_waveform
from gatewayd.replay.chunks import Chunk
from gatewayd.replay.matching import match
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.playing import Playing
from gatewayd.replay.recording import CsvRecording
from gatewayd.replay.rows import rows_file

RECORD = b"GWREC"
"""What a file begins with that the gateway has recorded."""
Progress = Callable[[int], None]
"""Told how many bytes more have been read, roughly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Recordings that follow each other, and what they are of: `given` is a source, or a channel of waveforms.

    What each row led to is written into the file `rows`.
    """

    paths: Sequence[Path]
    given: str | None = None
    waveform: Waveform = field(default_factory=Waveform)
    rows: Path | None = None


def replay(config: Path, stream: Stream, progress: Progress | None = None) -> Replayed:
    """Replay recordings as a config judges them. Raises ReplayError, AnalysisError (of a waveform), and ConfigError."""
    known, first = load(config, offline=True), stream.paths[0]
    channel = _waveform(known, stream.given)
    if channel is None and not _is_record(first):
        return _replay_rows(config, stream, progress)
    what = "a record" if channel is None else "a waveform"
    if stream.rows is not None:
        raise ReplayError(str(first), f"{what} has no rows to write", "leave out --rows")
    if len(stream.paths) > 1:
        raise ReplayError(str(stream.paths[1]), f"{what} is replayed by itself", "leave out --continue")
    if channel is not None:
        return replay_waveform(known, channel, first, stream.waveform)
    from gatewayd.replay.input_record import replay_record  # noqa: PLC0415 - it takes long to import, and few need it

    return replay_record(known, first)


def _is_record(path: Path) -> bool:
    """Whether this is a folder of what the gateway has recorded, or a file of it."""
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(RECORD)) == RECORD
    except OSError as error:
        raise ReplayError(str(path), f"it cannot be read ({error.strerror})") from None


def _waveform(config: Config, given: str | None) -> int | None:
    """The number of the channel of waveforms that is meant, if one is."""
    waveforms = {each.name: n for n, each in enumerate(config.plan.channels) if each.kind is Kind.WAVEFORM}
    return None if given is None else waveforms.get(given)


def _replay_rows(config: Path, stream: Stream, progress: Progress | None) -> Replayed:
    paths = stream.paths
    with ExitStack() as stack:
        first = stack.enter_context(CsvRecording(paths[0]))
        matched = match(config, paths[0], first.heading, stream.given)
        playing = Playing(matched.config, list(matched.channels.values()))
        file = None if stream.rows is None else stack.enter_context(rows_file(stream.rows))
        for number, path in enumerate(paths):
            recording = stack.enter_context(CsvRecording(path)) if number else first
            for judged in map(playing.play, _chunks(recording, matched.channels, progress)):
                if file is not None:
                    file.write(judged)
    return Replayed(
        paths,
        matched.config,
        matched.channels,
        playing.outcome,
        matched.untaken,
        matched.unfed,
        dated=first.heading.dated,
    )


def _chunks(recording: CsvRecording, columns: Iterable[str], progress: Progress | None) -> Iterator[Chunk]:
    """All rows of a recording, telling how far it has come."""
    told = 0
    for chunk in recording.chunks(_places(recording, columns)):
        yield chunk
        if progress is not None:
            progress(recording.read - told)
        told = recording.read


def _places(recording: CsvRecording, columns: Iterable[str]) -> list[int]:
    """Where the columns of the first recording are in this one."""
    known = recording.heading.columns
    missing = next((column for column in columns if column not in known), None)
    if missing is not None:
        what = f"it has no column {quoted(missing)}, which the recording before it has"
        raise ReplayError(str(recording.path), what, "what continues must have the same columns", 1)
    return [known[column] for column in columns]

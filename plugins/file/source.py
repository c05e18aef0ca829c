"""The `file` source: one recording, given piece by piece as time passes, or a piece at each poll."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from gatewayd.plugin import Channel, Duration, Kind, OptionError, Poll, Source, SourceError, Yield, check_unit
from gatewayd_plugins.file.columns import channel_names
from gatewayd_plugins.file.csv_file import read_csv
from gatewayd_plugins.file.npz_file import read_npz
from gatewayd_plugins.file.player import Pieces, Player, Rows, Track
from gatewayd_plugins.file.recording import Recording, RecordingError
from gatewayd_plugins.file.wav_file import read_wav

READERS: Mapping[str, Callable[[Path], Recording]] = {
    ".csv": read_csv,
    ".txt": read_csv,
    ".wav": read_wav,
    ".npz": read_npz,
    ".npy": read_npz,
}
LARGEST = 200_000_000
"""Bytes of a file: all of it is held in memory."""


@dataclass
class FileChannel:
    """A channel's table: the file's `column` (default: of the channel's name), times `scale`, in `unit`."""

    column: str | None = None
    unit: str = ""
    scale: float = 1.0
    range: tuple[float, float] | None = None


@dataclass
class File(Source):
    """The recording at `path`, as waveforms of the length `burst`, or of all of it (`burst = "0s"`).

    With `values = "single"` each row is a reading of its own. `pace = "real"` plays it as fast as it was recorded,
    `"poll"` gives the next piece at each poll. Without `channels` all columns are channels.
    """

    path: Path
    rate: Annotated[float, Meta(gt=0)] | None = None
    channels: dict[str, FileChannel] = dataclasses.field(default_factory=dict)
    burst: Duration = Duration(1.0)  # noqa: RUF009 - a float
    values: Literal["waveform", "single"] = "waveform"
    pace: Literal["real", "poll"] = "real"
    repeat: bool = True

    def __post_init__(self) -> None:
        """Raise OptionError for a file that cannot be a recording, as far as it must be looked at now."""
        if self.path.suffix.lower() not in READERS:
            raise OptionError(["path"], f"{self.path.name!r} is no recording", f"give one of {', '.join(READERS)}")
        for name, each in self.channels.items():
            check_unit(each.unit, ["channels", name, "unit"])
            if each.range is not None and not each.range[0] < each.range[1]:
                low, high = each.range
                raise OptionError(["channels", name, "range"], "its ends are the wrong way round", f"[{high}, {low}]")
        self._player: Player | None = None
        if not self.channels:
            recording = self.recording()
            self._rate(recording)
            self.channels = {name: FileChannel(column) for name, column in channel_names(recording.columns).items()}

    def declare(self) -> Sequence[Channel]:
        """The table of channels, or else all columns."""
        kind = Kind.WAVEFORM if self.values == "waveform" else Kind.SCALAR
        return [Channel(name, each.unit, kind, each.range) for name, each in self.channels.items()]

    def recorded(self) -> Mapping[str, str]:
        """The column of each channel."""
        return {name: each.column or name for name, each in self.channels.items()}

    def recording(self) -> Recording:
        """The file as it is now. Raises OptionError for one that cannot be read."""
        try:
            if self.path.stat().st_size > LARGEST:
                raise OptionError(["path"], f"{self.path} is larger than {LARGEST // 10**6} MB", "cut it")
            return READERS[self.path.suffix.lower()](self.path)
        except RecordingError as error:
            raise OptionError(["path"], str(error)) from None
        except OSError as error:
            raise OptionError(["path"], f"{self.path} cannot be read ({error.strerror})") from None

    async def open(self) -> None:
        """Read the file, the first time; after that it plays on."""
        if self._player is None:
            try:
                self._player = await asyncio.to_thread(self._made)
            except OptionError as error:
                raise SourceError(error.what) from None

    async def poll(self, poll: Poll) -> Sequence[Yield]:  # noqa: ARG002 - there is one poll
        """What has been played since the last poll."""
        if self._player is None:
            raise SourceError("the recording is not open")
        return self._player.due()

    def _made(self) -> Player:
        recording = self.recording()
        rate = self._rate(recording)
        tracks = [self._track(name, each, recording) for name, each in self.channels.items()]
        size = max(1, round(self.burst * rate)) if self.burst else recording.length
        kind = Pieces(size, recording.gaps) if self.values == "waveform" else Rows()
        return Player(tracks, rate, kind, in_real_time=self.pace == "real", repeat=self.repeat)

    def _rate(self, recording: Recording) -> float:
        rate = self.rate or recording.rate
        if rate is None:
            raise OptionError(["path"], f"{self.path} does not say its rate: give rate = 12000 (in Hz)")
        return rate

    def _track(self, name: str, options: FileChannel, recording: Recording) -> Track:
        column = name if options.column is None else options.column
        if column not in recording.columns:
            known = ", ".join(recording.columns)
            raise OptionError(
                ["channels", name, "column"], f"there is no column {column!r} in the file; it has {known}"
            )
        values = recording.columns[column]
        return Track(name, values if options.scale == 1.0 else values * options.scale)

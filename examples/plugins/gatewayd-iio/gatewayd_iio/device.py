"""One IIO device in sysfs: found by its name, set up for bursts, switched on and off. All of it may block briefly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatewayd.plugin import SourceError

from gatewayd_iio.scan import Element, Layout

TIMESTAMP = "in_timestamp"
BOOT_TIME = "boottime"


class Device:
    """The folder of a device, with its scale, rate and layout once it is set up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = _text(folder / "name")
        self.rate = 0.0
        self.on_boot_time = False
        """Whether its timestamps are nanoseconds of CLOCK_BOOTTIME."""
        newer = folder / "buffer0"  # since Linux 5.11
        self._buffer = newer if newer.is_dir() else folder / "buffer"
        self._elements = newer if newer.is_dir() else folder / "scan_elements"

    @classmethod
    def find(cls, devices: Path, wanted: str) -> Device:
        """The device whose folder, name or label is `wanted`. Raises SourceError when there is none, or several are."""
        folders = sorted(devices.glob("iio:device*")) if devices.is_dir() else []
        names = {folder: {folder.name, _text(folder / "name"), _text(folder / "label")} for folder in folders}
        found = [folder for folder in folders if wanted in names[folder]]
        if len(found) == 1:
            return cls(found[0])
        there = ", ".join(f"{folder.name} ({_text(folder / 'name')})" for folder in found or folders) or "none"
        raise SourceError(f"{len(found) or 'no'} IIO devices are called {wanted!r}; there are: {there}")

    def set_up(self, channels: Sequence[str], rate: float | None, length: int, trigger: str | None) -> Layout:
        """Have it put these channels (`in_accel_x`), and times if it can, into its buffer; gives how they lie there."""
        self.switch(on=False)
        if trigger is not None:
            _write(self.folder / "trigger" / "current_trigger", trigger)
        if rate is not None:
            _write(self._rate_file(channels[0]), f"{rate:.6f}".rstrip("0").rstrip("."))
        self.rate = float(_text(self._rate_file(channels[0])) or "nan")
        clock = self.folder / "current_timestamp_clock"
        if clock.exists():
            _write(clock, BOOT_TIME)
            self.on_boot_time = _text(clock) == BOOT_TIME
        wanted = self._choose({*channels, TIMESTAMP})
        missing = [channel for channel in channels if channel not in wanted]
        if missing:
            raise SourceError(f"{self.name} has no {', '.join(missing)} in its buffer")
        _write(self._buffer / "length", str(length))
        if (self._buffer / "watermark").exists():
            _write(self._buffer / "watermark", str(max(1, length // 8)))
        return Layout([self._element(name) for name in wanted])

    def switch(self, *, on: bool) -> None:
        """Let it fill its buffer, or stop."""
        _write(self._buffer / "enable", str(int(on)))

    def scale(self, channel: str) -> tuple[float, float]:
        """(offset, scale): a raw number is worth (raw + offset) x scale."""
        return self._factor(channel, "offset", 0.0), self._factor(channel, "scale", 1.0)

    def _choose(self, wanted: set[str]) -> list[str]:
        """Switch the elements that are wanted on and all others off; gives those that there are."""
        there = [path.name.removesuffix("_en") for path in sorted(self._elements.glob("*_en"))]
        for name in there:
            _write(self._elements / f"{name}_en", str(int(name in wanted)))
        return [name for name in there if name in wanted]

    def _element(self, name: str) -> Element:
        try:
            return Element.parse(name, int(self._said(name, "index")), self._said(name, "type"))
        except ValueError as error:
            raise SourceError(f"{self.name}: {error}") from error

    def _said(self, name: str, what: str) -> str:
        return (self._elements / f"{name}_{what}").read_text(encoding="ascii").strip()

    def _factor(self, channel: str, what: str, default: float) -> float:
        """Of the channel itself, or of all channels of its kind."""
        for name in (channel, channel.rpartition("_")[0]):
            if text := _text(self.folder / f"{name}_{what}"):
                return float(text)
        return default

    def _rate_file(self, channel: str) -> Path:
        own = self.folder / f"{channel.rpartition('_')[0]}_sampling_frequency"
        return own if own.exists() else self.folder / "sampling_frequency"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="ascii")
    except OSError as error:
        raise SourceError(f"cannot write {text!r} to {path}: {error.strerror}") from error

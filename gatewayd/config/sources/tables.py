"""The field: the tables of all sources become objects to be polled, and channels and groups of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.config.draft import Draft
from gatewayd.config.files import check_secrets
from gatewayd.config.findings import Place
from gatewayd.config.reader import read_table
from gatewayd.config.settings import Source as SourceTable
from gatewayd.config.sources.devices import Device, device
from gatewayd.config.sources.lines import LineError, Lines
from gatewayd.config.sources.plugins import unusable
from gatewayd.config.words import quoted
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import PlannedChannel, PlannedGroup
from gatewayd.errors import PluginError
from gatewayd.foreign import one_line
from gatewayd.plugin import Source
from gatewayd.registry.registry import Registry

HOST_KEYS = ("plugin", "interval", "isolation")
"""The keys of a source's table that are ours; all others are its plugin's."""


class SourceTables:
    """The sources that can be used, and what they are set to; the draft knows which ones cannot, and why.

    `columns` are those of a recording that is replayed, by the names of the open-ended sources that get them. Files are
    looked for in `folder`; whether others may read those with secrets does not matter `offline`.
    """

    def __init__(
        self,
        registry: Registry,
        draft: Draft,
        columns: Mapping[str, Sequence[str]],
        folder: Path = Path(),
        *,
        offline: bool = False,
    ) -> None:
        self.sources: dict[str, ConfiguredSource] = {}
        self.settings: dict[str, SourceTable] = {}
        self._lines = Lines()
        self._registry = registry
        self._draft = draft
        self._columns = columns
        self._folder = folder
        self._offline = offline

    def add(self, name: str, table: Mapping[str, Any], place: Place) -> None:
        """Take one table in, with all that is wrong with it."""
        ours = {key: table[key] for key in HOST_KEYS if key in table}
        options = {key: value for key, value in table.items() if key not in HOST_KEYS}
        if name in self._columns:
            options["columns"] = list(self._columns[name])
        read = read_table(ours, SourceTable, place)
        if read.record is None:
            self._draft.faulty.add(name)
            return
        settings = msgspec.structs.replace(read.record, options=options)
        made = self._made(name, settings, place)
        if made is not None and read.whole:
            self.settings[name] = settings
            if made.is_open:
                self._draft.open.add(name)
            groups = self._planned(name, made)
            self.sources[name] = ConfiguredSource(
                name,
                settings.plugin,
                made.source,
                made.polls,
                groups,
                line=made.line,
                channels=made.channels,
                options=made.options,
                interval=float(settings.interval),
                isolated=settings.isolation == "process",
                efforts=made.efforts,
                files=tuple(_files(made.source)),
            )
        elif name not in self._draft.lost or not read.whole:
            self._draft.faulty.add(name)

    def _made(self, name: str, table: SourceTable, place: Place) -> Device | None:
        """The source's object, with the line that it shares with those before it."""
        made = self._device(name, table, place)
        if made is None or made.line is None:
            return made
        try:
            return msgspec.structs.replace(made, line=self._lines.shared(name, made.line, table.isolation))
        except LineError as error:
            (place.at(error.key) if error.key else place).wrong(error.what, error.fix)
            return None

    def _device(self, name: str, table: SourceTable, place: Place) -> Device | None:
        try:
            kind = self._registry.source_type(table.plugin)
            made = device(table, kind, place, self._folder)
        except PluginError as error:
            plugin = quoted(table.plugin)
            self._draft.lost[name] = f"source {quoted(name)} is left out, because its plugin {plugin} cannot be used"
            place.at("plugin").wrong(*unusable(error, self._registry), fatal=False)
            return None
        if made is not None and not self._offline:
            check_secrets(made.options, kind, place)
        return made

    def _planned(self, name: str, made: Device) -> tuple[int, ...]:
        """Enter its channels and polls into the draft."""
        paces = {channel: round(poll.interval * 1e9) for poll in made.polls for channel in poll.channels}
        numbers: dict[str, int] = {}
        for channel in made.channels:
            planned = PlannedChannel(f"{name}.{channel.name}", one_line(channel.unit), name, channel.kind)
            numbers[channel.name] = self._draft.add_channel(planned, paces[channel.name])
            if channel.range is not None:
                self._draft.ranges[numbers[channel.name]] = channel.range
        groups = []
        for poll in made.polls:
            columns = tuple(numbers[channel] for channel in poll.channels)
            groups.append(self._draft.add_group(PlannedGroup(name, columns, round(poll.interval * 1e9))))
        return tuple(groups)


def _files(source: Source) -> Iterator[tuple[str, int, int]]:
    """The files that its options name, each with its size and when it was changed last (-1: it is not there)."""
    for path in (value for value in vars(source).values() if isinstance(value, Path)):
        try:
            found = path.stat()
        except OSError:
            yield str(path), -1, -1
        else:
            yield str(path), found.st_size, found.st_mtime_ns

"""The `recording` source: its channels are the columns of whatever is replayed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatewayd.plugin import Channel, Poll, Source, SourceError, Yield
from gatewayd_plugins.file.columns import channel_names


@dataclass
class ReplayedChannel:
    """A channel's table: the recording's `column` (default: of the channel's name), the `unit` of its values."""

    column: str | None = None
    unit: str = ""


@dataclass
class Replayed(Source):
    """What `gatewayd replay` gives: the `channels`, or else all `columns` of the recording, which replay says."""

    channels: dict[str, ReplayedChannel] = dataclasses.field(default_factory=dict)
    columns: tuple[str, ...] = ()

    @property
    def open_ended(self) -> bool:
        """Without any of them the channels are known once there is a recording."""
        return not self.channels and not self.columns

    def declare(self) -> Sequence[Channel]:
        """The table of channels, or else all columns."""
        if self.channels:
            return [Channel(name, each.unit) for name, each in self.channels.items()]
        return [Channel(name) for name in channel_names(self.columns)]

    def recorded(self) -> Mapping[str, str]:
        """The column of each channel."""
        if self.channels:
            return {name: each.column or name for name, each in self.channels.items()}
        return channel_names(self.columns)

    async def poll(self, poll: Poll) -> Sequence[Yield]:  # noqa: ARG002 - there is nothing to be polled
        """Raise SourceError: there is no device."""
        raise SourceError("a recording is replayed, not polled: gatewayd replay CONFIG FILE")

"""Flaws: what the last waveform of a channel that answers well may still have."""

from __future__ import annotations

from collections.abc import Mapping

from gatewayd.model import Burst


class Flaws:
    """The channels of one source whose last waveform has gaps or is clipped.

    How often that happened is in the summaries; a poll without an answer changes nothing.
    """

    def __init__(self) -> None:
        self._by_channel: dict[str, str] = {}

    def current(self) -> Mapping[str, str]:
        """The channels, each with what its waveform has."""
        return dict(self._by_channel)

    def judge(self, channel: str, burst: Burst) -> None:
        """Take a waveform in."""
        if burst.gap or burst.clipped:
            self._by_channel[channel] = " and ".join(["has gaps"] * burst.gap + ["is clipped"] * burst.clipped)
        else:
            self._by_channel.pop(channel, None)

"""Bad channels: what a device that answers gives no good value of, told once when that begins and once when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

import structlog

from gatewayd import clock

LISTED = 20
"""Channels that are named at most: a device that refuses everything has hundreds."""
CALM = 10_000_000_000
"""Nanoseconds without a bad value after which the trouble is over: one that comes and goes is logged once."""

log = structlog.get_logger()


class BadChannels:
    """The channels of one source whose last value was bad, with the reasons.

    A poll without an answer changes nothing: that is the source's trouble, not its channels'.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._reasons: dict[str, str] = {}
        self._seen = 0
        """When a value was last seen to be bad."""
        self._told = False

    def __len__(self) -> int:
        return len(self._reasons)

    @property
    def at_rest(self) -> bool:
        """Whether good values change nothing."""
        return not self._told

    def first(self) -> Mapping[str, str]:
        """The first LISTED of them and why they are bad."""
        return dict(islice(self._reasons.items(), LISTED))

    def judge(self, verdicts: Iterable[tuple[str, str]]) -> None:
        """Take in why each channel of a poll is bad; an empty reason says that it is good."""
        for channel, reason in verdicts:
            if reason:
                self._reasons[channel] = reason
            else:
                self._reasons.pop(channel, None)
        now = clock.now()
        if self._reasons:
            self._seen = now
            self._tell_bad()
        elif self._told and now - self._seen >= CALM:
            self._told = False
            log.info("channels_good", source=self._source)

    def _tell_bad(self) -> None:
        if not self._told:
            self._told = True
            channels = self.first()
            reason = next(iter(channels.values()))
            log.warning("channels_bad", source=self._source, channels=list(channels), reason=reason)

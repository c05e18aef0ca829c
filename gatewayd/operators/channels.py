"""Channels before operators: their last values, each with what it is worth."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from gatewayd import clock
from gatewayd.control.door import Commands
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import PlannedChannel
from gatewayd.engine.presents import Present
from gatewayd.model import Quality
from gatewayd.operators.requests import Name, Request, taking

MOST = 500
"""Channels in one answer."""
SECOND = 1_000_000_000


class OfChannels(Request, frozen=True, kw_only=True):
    """Which channels are wanted: the first `most` of those that match a pattern, from the one numbered `start` on."""

    pattern: Name = "*"
    start: Annotated[int, msgspec.Meta(ge=0)] = 0
    most: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = MOST


class ChannelDesk:
    """What operators ask of channels."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def commands(self) -> Commands:
        """Those about channels."""
        return {"channel.list": taking(OfChannels, self._list)}

    def _list(self, request: OfChannels) -> dict[str, Any]:
        """In the order of the config, sources' own before derived ones; `count` is of all that match."""
        channels = self._engine.plan.channels
        matching = [number for number, each in enumerate(channels) if fnmatchcase(each.name, request.pattern)]
        wanted = matching[request.start : request.start + request.most]
        found, now = self._engine.present(wanted), clock.now()
        return {
            "count": len(matching),
            "channels": [_told(channels[number], found.get(number), now) for number in wanted],
        }


def _told(channel: PlannedChannel, present: Present | None, now: int) -> dict[str, Any]:
    """One that has had no value, or had its last one too long ago, is bad."""
    known = {"name": channel.name, "unit": channel.unit, "kind": channel.kind, "derived": channel.derived}
    if present is None:
        return {
            **known,
            "value": None,
            "quality": "bad",
            "reason": "no value yet",
            "age": None,
            "length": 0,
            "rate": 0.0,
        }
    old = now - present.time > present.patience
    return {
        **known,
        "value": present.value,
        "quality": Quality.BAD.name.lower() if old else present.quality.name.lower(),
        "reason": present.reason or ("no new value" if old else ""),
        "age": max(0.0, (now - present.time) / SECOND),
        "length": present.length,
        "rate": present.rate,
    }

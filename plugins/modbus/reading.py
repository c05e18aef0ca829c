"""Readings: all requests of one poll, and the block that their answers make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gatewayd.plugin import Block, Quality
from gatewayd_plugins.modbus.decoding import Decoder, Floats, Scaling
from gatewayd_plugins.modbus.fields import Field
from gatewayd_plugins.modbus.planner import Limits, PlannedRequest, Request, plan
from gatewayd_plugins.modbus.refusal import Refused


class Reading:
    """What one poll reads: `channels` gives each channel's field, in the order of the block."""

    def __init__(self, channels: Mapping[str, Field], limits: Limits) -> None:
        self._channels = tuple(channels)
        self._columns = {name: column for column, name in enumerate(channels)}
        self._planned = plan(channels, limits)
        self._decoders = [Decoder(planned, self._columns) for planned in self._planned]
        self._scaling = Scaling(channels.values())
        self.requests: tuple[Request, ...] = tuple(planned.request for planned in self._planned)
        """What to ask the device."""

    @np.errstate(all="ignore")  # a device may send any number, signalling NaN and the largest included
    def block(self, answers: Sequence[bytes | Refused]) -> Block:
        """What the answers to all requests, in their order, say. What was refused is bad, for that reason."""
        values = np.empty(len(self._channels))
        refused: list[tuple[PlannedRequest, Refused]] = []
        for planned, decoder, answer in zip(self._planned, self._decoders, answers, strict=True):
            if isinstance(answer, Refused):
                refused.append((planned, answer))
            else:
                decoder.decode(answer, values)
        self._scaling.apply(values)
        return self._partial(values, refused) if refused else Block(self._channels, values)

    def _partial(self, values: Floats, refused: Sequence[tuple[PlannedRequest, Refused]]) -> Block:
        reasons = {name: str(refusal) for planned, refusal in refused for name in planned.fields}
        columns = [self._columns[name] for name in reasons]
        qualities = np.full(len(values), Quality.GOOD, dtype=np.uint8)
        qualities[columns] = Quality.BAD
        values[columns] = np.nan
        return Block(self._channels, values, qualities, reasons)

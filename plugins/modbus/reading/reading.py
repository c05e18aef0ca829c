"""Readings: all requests of one poll, and the block that their answers make."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from gatewayd.plugin import Block, Quality
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.planning.planner import NOTHING_KNOWN, USUAL_PRICE, Known, Limits, Price, plan
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import PlannedRequest, Request, whole
from gatewayd_plugins.modbus.reading.decoding import Decoder, Floats, Scaling


class Reading:
    """What one poll reads: `channels` gives each channel's field, in the order of the block.

    `planned` are the requests that it makes. They were planned for the `version` of what is known of the device.
    """

    def __init__(self, channels: Mapping[str, Field], limits: Limits, price: Price = USUAL_PRICE) -> None:
        self._fields = channels
        self._limits, self._price = limits, price
        self._channels = tuple(channels)
        self._columns = {name: column for column, name in enumerate(channels)}
        self._scaling = Scaling(channels.values())
        self.plan(NOTHING_KNOWN, 0)

    @property
    def requests(self) -> tuple[Request, ...]:
        """What to ask the device."""
        return tuple(planned.request for planned in self.planned)

    def plan(self, known: Known, version: int) -> None:
        """Plan the requests anew, for what is known now."""
        self._take(plan(self._fields, self._limits, self._price, known))
        self.version = version

    def replace(self, whole: PlannedRequest, parts: Sequence[PlannedRequest]) -> None:
        """Make several requests in place of a planned one, until all is planned anew."""
        self._take([new for each in self.planned for new in (parts if each is whole else (each,))])

    def values(self, besides: Collection[Request]) -> Sequence[Request]:
        """Each value by itself that is none of `besides`, short ones first."""
        places = {whole(each) for each in self._fields.values()}.difference(besides)
        return sorted(places, key=lambda place: (place.size, place.table, place.address))

    def block(self, answers: Sequence[bytes | Refused]) -> Block:
        """What the answers to all requests, in their order, say. What is refused or no value is bad, with a reason."""
        return self.block_of(zip(self.planned, answers, strict=True))

    @np.errstate(all="ignore")  # a device may send any number, signalling NaN and the largest included
    def block_of(self, pieces: Iterable[tuple[PlannedRequest, bytes | Refused]]) -> Block:
        """The same of any requests that read all of the fields, each with its answer."""
        values = np.empty(len(self._channels))
        reasons: dict[str, str] = {}
        for planned, answer in pieces:
            if isinstance(answer, Refused):
                reasons |= dict.fromkeys(planned.fields, str(answer))
            else:
                decoder = self._decoders.get(id(planned)) or Decoder(planned, self._columns)
                reasons |= decoder.decode(answer, values)
        self._scaling.apply(values)
        return self._partial(values, reasons) if reasons else Block(self._channels, values)

    def _take(self, planned: Iterable[PlannedRequest]) -> None:
        self.planned = tuple(planned)
        self._decoders = {id(each): Decoder(each, self._columns) for each in self.planned}

    def _partial(self, values: Floats, reasons: Mapping[str, str]) -> Block:
        columns = [self._columns[name] for name in reasons]
        qualities = np.full(len(values), Quality.GOOD, dtype=np.uint8)
        qualities[columns] = Quality.BAD
        values[columns] = np.nan
        return Block(self._channels, values, qualities, reasons)

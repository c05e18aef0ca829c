"""Captures: all requests of one poll of a waveform, and the burst that their answers make, whole and new or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.plugin import Quality, Waveform
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.planning.planner import Known, Limits
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.reading.decoding import Series
from gatewayd_plugins.modbus.reading.reading import Reading
from gatewayd_plugins.modbus.waveforms.waveform import WaveField

Ask = Callable[[Request], Awaitable[bytes | Refused]]

ATTEMPTS = 2
"""How often a burst is read in one poll until it is one."""
NOTHING = (float("nan"),)
"""The values of a burst that could not be read: of a single one the rate says nothing."""


class Unreadable(Exception):  # noqa: N818 - the device is well
    """There is a burst, and it cannot be had; the text is the reason. `block`: what was refused of the values."""

    def __init__(self, reason: str, block: Request | None = None) -> None:
        self.block = block
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Head:
    """What the device says of its burst."""

    ready: bool
    sequence: float | None
    rate: float


class Capture:
    """Reads the waveform `name`. It remembers which burst it gave last."""

    def __init__(self, name: str, wave: WaveField, limits: Limits) -> None:
        self._name = name
        self._heads = _heads(wave, limits)
        self._wave, self._limits = wave, limits
        self._blocks = _blocks(wave, limits.size)
        self._series = Series(wave.first)
        self._rate = wave.rate if isinstance(wave.rate, float) else 1.0
        self._guarded = wave.ready is not None or wave.sequence is not None
        self._given: float | None = None
        self.refused: Request | None = None
        """What the device refused of the values at the last poll, if it did."""

    @property
    def number_length(self) -> int:
        """How many registers each value takes."""
        return self._wave.first.length

    @property
    def requests(self) -> tuple[Request, ...]:
        """What is asked for a burst that is read at once."""
        heads = tuple(request for reading in self._heads for request in reading.requests)
        return heads + self._blocks + heads * self._guarded

    @property
    def most_requests(self) -> int:
        """How many requests a poll may need."""
        return ATTEMPTS * len(self.requests)

    def plan(self, known: Known) -> None:
        """Read the values with requests that the device answers."""
        table, most = self._wave.first.table, self._limits.size
        self._blocks = _blocks(self._wave, min(most, known.longest.get(table, most)))

    async def read(self, ask: Ask) -> Sequence[Waveform]:
        """The burst, if there is a new one; a bad one with the reason when it cannot be had.

        What `ask` raises passes through.
        """
        self.refused = None
        try:
            return await self._new(ask)
        except Unreadable as why:
            self.refused = why.block
            return [Waveform(self._name, NOTHING, self._rate, Quality.BAD, str(why))]

    async def _new(self, ask: Ask) -> Sequence[Waveform]:
        head = await self._look(ask)
        if not head.ready or (head.sequence is not None and head.sequence == self._given):
            return []
        for _ in range(ATTEMPTS):
            if not 0 < head.rate < np.inf:
                raise Unreadable(f"its rate is {head.rate:g} Hz")
            values = await self._values(ask)
            after = await self._look(ask) if self._guarded else head
            if after.ready and after.sequence == head.sequence:
                self._given = head.sequence
                return [Waveform(self._name, values, head.rate)]
            if not after.ready:
                break
            head = after
        raise Unreadable("overwritten while it was read")

    async def _look(self, ask: Ask) -> Head:
        told: dict[str, float] = {}
        for reading in self._heads:
            block = reading.block([await ask(request) for request in reading.requests])
            for option, reason in block.reasons.items():
                raise Unreadable(f"{option}: {reason}")
            told.update(zip(block.channels, map(float, block.values), strict=True))
            if told.get("ready") == 0:
                return Head(False, None, self._rate)
        return Head(True, told.get("sequence"), told.get("rate", self._rate))

    async def _values(self, ask: Ask) -> NDArray[np.floating]:
        answers: list[bytes] = []
        for block in self._blocks:
            answer = await ask(block)
            if isinstance(answer, Refused):
                raise Unreadable(f"{answer}, at {block.table.name.lower()}:{block.address}", block)
            answers.append(answer)
        return self._series.decode(b"".join(answers))


def _heads(wave: WaveField, limits: Limits) -> Sequence[Reading]:
    """What to read of the device's own words: whether it is ready first, unless one request reads all of them."""
    rate = wave.rate if isinstance(wave.rate, Field) else None
    given = {"ready": wave.ready, "sequence": wave.sequence, "rate": rate}
    fields: Mapping[str, Field] = {option: each for option, each in given.items() if each is not None}
    whole = Reading(fields, limits)
    if wave.ready is None or len(whole.requests) == 1:
        return [whole]
    rest = {option: each for option, each in fields.items() if option != "ready"}
    return [Reading({"ready": wave.ready}, limits), *([Reading(rest, limits)] if rest else [])]


def _blocks(wave: WaveField, most: int) -> tuple[Request, ...]:
    """The fewest requests of up to `most` registers that read all values, none of which is split."""
    first = wave.first
    end = first.address + wave.count * first.length
    most = max(most // first.length, 1) * first.length
    begins = range(first.address, end, most)
    return tuple(Request(first.table, begin, min(most, end - begin)) for begin in begins)

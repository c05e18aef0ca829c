"""The device: one unit on a bus, what was learned of it, and how it is asked accordingly."""

from __future__ import annotations

from collections.abc import Sequence

from gatewayd.plugin import Block, SourceError, Waveform, now
from gatewayd_plugins.modbus.learning import memory
from gatewayd_plugins.modbus.learning.experience import SILENT, Experience
from gatewayd_plugins.modbus.learning.silence import Mute, Patience, Suspicion
from gatewayd_plugins.modbus.learning.survey import MOST_SECONDS, Piece, Survey, parted
from gatewayd_plugins.modbus.planning.refusal import Refused, Silent
from gatewayd_plugins.modbus.planning.requests import PlannedRequest, Request
from gatewayd_plugins.modbus.reading.reading import Reading
from gatewayd_plugins.modbus.waveforms.capture import Capture
from gatewayd_plugins.modbus.wire.bus import Bus

NANO = 1e9
MOST_EXTRA_SECONDS = MOST_SECONDS
MOST_EXTRA = 3
"""Requests that a poll makes besides its own, and for which it may have to wait in vain, after these seconds of others:
a sign of life, the last question, a value that was silent."""


class Device:
    """Unit `unit`, which answers within `timeout` seconds."""

    def __init__(self, unit: int, timeout: float) -> None:
        self._unit = unit
        self._bus: Bus | None = None
        self._experience = Experience()
        self._patience = Patience(timeout)
        self._suspicion = Suspicion()
        self._is_away = False
        self._examined: set[Request] = set()

    def use(self, bus: Bus) -> None:
        """It is on this bus."""
        self._bus = bus

    def recall(self, remembered: bytes) -> None:
        """Take up what `memory` gave. What is not as it should be is forgotten."""
        memory.recall(remembered, self._experience, self._patience, _time())

    def memory(self) -> bytes:
        """What was learned; empty: nothing."""
        return memory.remembered(self._experience, self._patience, _time())

    async def read(self, reading: Reading) -> Block:
        """Ask for all that the reading wants. What the device refuses is bad; without an answer it fails."""
        experience = self._experience
        if experience.version != reading.version or experience.fades:
            self._plan(reading)
        survey = Survey(self.ask, experience, _time)
        pieces: list[Piece] = []
        for planned in reading.planned:
            code = experience.spared(planned.request, _time()) if experience.values and pieces else None
            if code is not None:
                pieces.append((planned, refusal(code)))
                continue
            answer = await self._ask_warily(reading, planned, alive=bool(pieces))
            if isinstance(answer, Refused) and answer.by_address:
                given = await survey.look_into(planned, answer)
                pieces += given
                if survey.is_over:
                    reading.replace(planned, [each for each, _ in given])
            else:
                pieces.append((planned, answer))
        if self._suspicion.any:
            self._suspicion.conclude(experience, _time())
        return reading.block_of(pieces)

    async def capture(self, capture: Capture) -> Sequence[Waveform]:
        """The burst, if there is a new one. Without an answer it fails."""
        if self._experience.fades:
            self._experience.review(_time())
        capture.plan(self._experience.known)
        waveforms = await capture.read(self.ask)
        if capture.refused is not None:
            await self._look_into_block(capture.refused, capture.number_length)
        return waveforms

    async def ask(self, request: Request) -> bytes | Refused:
        """What the device answers to one request. Raises SourceError when it does not."""
        bus, patience = self._bus, self._patience
        if bus is None:
            raise SourceError("there is no bus")
        try:
            answer: bytes | Refused = await bus.read(self._unit, request, patience.wait)
        except Refused as refused:
            if refused.by_gateway:
                raise SourceError(str(refused)) from None
            answer = refused
        except Silent:
            patience.silent()
            raise
        if self._is_away:
            self._is_away = False
            self._experience.restarted(_time())
        patience.answered(bus.took)
        if not isinstance(answer, Refused):
            self._experience.answered(request)
        return answer

    async def _look_into_block(self, block: Request, length: int) -> None:
        """Once, for a block that was refused and may be too long."""
        longest = max(length, self._experience.longest_answered(block.table))
        if block.count > longest and block not in self._examined:
            self._examined.add(block)
            await Survey(self.ask, self._experience, _time).look_into_block(block, length)

    async def _ask_warily(self, reading: Reading, planned: PlannedRequest, *, alive: bool) -> bytes | Refused:
        """Make a planned request. `alive`: the device has answered in this poll; its silence is about the request."""
        request, suspicion = planned.request, self._suspicion
        suspect = suspicion.suspects(request)
        if suspect and not alive:
            suspect = await self._shows_life(reading, planned)
        try:
            answer = await self.ask(request)
        except Silent:
            if alive and request in self._experience.values:
                return await self._still_mute(request)
            if suspect:
                self._blame(reading, planned)
            else:
                suspicion.silent(request)
            raise
        suspicion.answered(request)
        return answer

    async def _shows_life(self, reading: Reading, planned: PlannedRequest) -> bool:
        """Whether the device answers something else; if it does not, it is away, and the poll fails.

        It is another value each time, for the one may be just what it does not answer. So may all the others be: a
        single value is asked for at once every other time.
        """
        others = reading.values({planned.request, *self._experience.values})
        turn, is_other = divmod(self._patience.silences, 2)
        if not others or (is_other and not parted(planned)):
            self._is_away |= not others
            return False
        try:
            await self.ask(others[turn % len(others)])
        except Silent:
            self._is_away = True
            raise
        return True

    async def _still_mute(self, value: Request) -> Mute:
        """A value that gets no answer was tried again."""
        self._experience.refused(value, SILENT, _time())
        if self._bus is not None:
            await self._bus.recover()
        return Mute()

    def _blame(self, reading: Reading, planned: PlannedRequest) -> None:
        """The device does not answer this request, though it answers others."""
        halves = parted(planned)
        if halves:
            reading.replace(planned, halves)
            self._suspicion.halve(planned, halves)
        else:
            self._experience.refused(planned.request, SILENT, _time())

    def _plan(self, reading: Reading) -> None:
        """Plan the reading for what is known now, if that is not what it was planned for."""
        self._experience.review(_time())
        if self._experience.version != reading.version:
            reading.plan(self._experience.known, self._experience.version)
            self._suspicion.drop()


def refusal(code: int) -> Refused:
    """What a device would answer again."""
    return Mute() if code == SILENT else Refused(code)


def _time() -> float:
    return now() / NANO

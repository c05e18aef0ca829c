"""GATT: what is read from a device that we are connected to, and what it sends by itself."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from gatewayd.plugin import Block, Channel, Effort, Poll, SourceError, Yield, now
from gatewayd_plugins.ble.adapter.radio import Radio
from gatewayd_plugins.ble.connections.bursts import Gathered, Gathering
from gatewayd_plugins.ble.connections.connection import (
    CONNECT_LIMIT,
    READ_LIMIT,
    TEXTS,
    Connection,
    Notified,
    Unreadable,
)
from gatewayd_plugins.ble.connections.options import BurstOptions, CharacteristicOptions
from gatewayd_plugins.ble.connections.plan import Part, Wave, check_paces, field, parts, wave
from gatewayd_plugins.ble.connections.yields import block, nothing, waveform
from gatewayd_plugins.ble.uuids import short

MOST_WAITING = 256
"""Values that a device sent by itself and that wait for a poll, of one characteristic; of more the oldest are lost."""
STAYING = 60.0
"""A device that is read at least so often (seconds) stays connected: to connect takes more of its battery."""
CONNECTION_EVENTS = 0.015
"""Seconds that a question and its answer take at least: two of the shortest intervals at which devices may talk."""
MARGIN = 5.0
"""Seconds beyond all waits after which gatewayd may break a poll off."""


class Gatt:
    """All that is read from the device at `address` by a connection.

    Raises OptionError with paths below the source's table, which begin with `characteristics` or `bursts`.
    """

    def __init__(
        self,
        address: str,
        characteristics: Mapping[str, CharacteristicOptions],
        bursts: Mapping[str, BurstOptions],
    ) -> None:
        self._address = address
        self._fields = {name: field(name, options) for name, options in characteristics.items()}
        self._waves = {name: wave(name, options) for name, options in bursts.items()}
        check_paces(characteristics, self._fields)
        self._paces = {name: each.interval for name, each in characteristics.items()}
        self._paces |= {name: each.interval for name, each in bursts.items()}
        self._parts: dict[tuple[str, ...], Part] = {}
        self._sent: dict[str, deque[tuple[int, bytes]]] = {
            each.uuid: deque(maxlen=MOST_WAITING) for each in self._fields.values() if each.notify
        }
        self._gatherings = {
            name: Gathering(each.layout, each.timeout, asked=each.start is not None)
            for name, each in self._waves.items()
        }
        notified = dict.fromkeys([*self._sent, *(each.uuid for each in self._waves.values())])
        self._connection = Connection(address, {uuid: self._taking(uuid) for uuid in notified})
        self._stays = bool(self._sent) or any(each.start is None for each in self._waves.values())

    def channels(self) -> list[Channel]:
        """All channels, in the order of the options."""
        return [each.channel for each in self._fields.values()] + [each.channel for each in self._waves.values()]

    def polls(self, interval: float) -> list[Poll]:
        """What is read together and how often."""
        paces = {name: float(interval if pace is None else pace) for name, pace in self._paces.items()}
        made = parts(
            {name: (each, paces[name]) for name, each in self._fields.items()},
            {name: (each, paces[name]) for name, each in self._waves.items()},
        )
        self._parts = {part.poll.channels: part for part in made}
        self._stays = self._stays or min(paces.values()) <= STAYING
        return [part.poll for part in made]

    def effort(self, poll: Poll) -> list[Effort]:
        """What one poll asks of the radio at least."""
        part = self._parts[poll.channels]
        asked = [Effort(f"read {short(uuid)}", CONNECTION_EVENTS) for uuid in part.read]
        first = part.waves[0] if part.waves else None
        if first is not None and first.start is not None:
            asked.append(Effort(f"burst of {short(first.uuid)}", first.layout.count / first.rate))
        return asked

    @property
    def poll_limit(self) -> float:
        """Seconds that a poll may take: it bounds its own waits."""
        waits = [READ_LIMIT * len({each.uuid for each in self._fields.values()})]
        waits += [READ_LIMIT + each.timeout for each in self._waves.values()]
        notified = len(self._sent) + len(self._waves)
        return CONNECT_LIMIT + READ_LIMIT * (notified + len(TEXTS)) + max(waits) + MARGIN

    @property
    def about(self) -> Mapping[str, str]:
        """What the device says of itself, once it was connected to: `serial`, `firmware` and the like."""
        return self._connection.about or {}

    def use(self, radio: Radio) -> None:
        """Have the radio look out for the device; called once, before the first poll."""
        radio.expect(self._address)

    async def poll(self, radio: Radio, poll: Poll) -> Sequence[Yield]:
        """One of `polls`. Raises SourceError when the device cannot be reached or does not answer."""
        part = self._parts[poll.channels]
        if radio.trouble and not self._connection.is_open:
            return nothing(part, radio.trouble)
        if not self._connection.is_open:
            self._begin()
            await self._connection.open(radio)
        try:
            return await (self._bursts(part) if part.waves else self._numbers(part))
        finally:
            if not self._stays:
                await self._connection.close()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._connection.close()

    def _begin(self) -> None:
        """A new connection: what comes now continues nothing that came before."""
        for gathering in self._gatherings.values():
            gathering.begin()

    def _taking(self, uuid: str) -> Notified:
        """What takes the notifications of a characteristic."""
        sent = self._sent.get(uuid)
        gatherings = [self._gatherings[name] for name, each in self._waves.items() if each.uuid == uuid]

        def take(value: bytes, time: int) -> None:
            if sent is not None:
                sent.append((time, value))
            for gathering in gatherings:
                gathering.packet(value, time)

        return take

    async def _numbers(self, part: Part) -> Sequence[Yield]:
        blocks: list[Block] = []
        for uuid in dict.fromkeys(each.uuid for each in part.fields if each.notify):
            fields = [each for each in part.fields if each.notify and each.uuid == uuid]
            refused = self._connection.refused.get(uuid)
            if refused:
                blocks.append(block(fields, refused))
            blocks += [block(fields, value, time) for time, value in _taken(self._sent[uuid])]
        blocks.sort(key=lambda each: each.time or 0)
        for uuid in part.read:
            fields = [each for each in part.fields if not each.notify and each.uuid == uuid]
            blocks.append(block(fields, await self._value(uuid), now()))
        return blocks

    async def _value(self, uuid: str) -> bytes | str:
        try:
            return await self._connection.read(uuid)
        except Unreadable as why:
            return str(why)

    async def _bursts(self, part: Part) -> Sequence[Yield]:
        """The bursts that have come, or the one that is asked for and waited for."""
        first = part.waves[0]
        refused = self._connection.refused.get(first.uuid)
        if refused:
            return nothing(part, refused)
        if first.start is None:
            return [waveform(each, burst) for each in part.waves for burst in self._over(each)]
        begun = now()
        try:
            await self._ask(part, first.start)
        except Unreadable as why:
            return nothing(part, str(why))
        return [waveform(each, burst, begun) for each in part.waves for burst in self._over(each)[:1]]

    def _over(self, each: Wave) -> list[Gathered]:
        return self._gatherings[each.channel.name].take(now())

    async def _ask(self, part: Part, start: tuple[str, bytes]) -> None:
        """Have the device send bursts, and wait for them. Raises SourceError when none comes, and Unreadable."""
        gatherings = [self._gatherings[each.channel.name] for each in part.waves]
        for gathering in gatherings:
            gathering.begin()
            gathering.take(now())
        await self._connection.write(*start)
        limit = max(each.timeout for each in part.waves)
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self._connection.is_open and not all(gathering.ready for gathering in gatherings):
                    self._connection.stirred.clear()
                    await self._connection.stirred.wait()
        for gathering in gatherings:
            gathering.begin()
        if not any(gathering.ready for gathering in gatherings):
            what = f"has sent no burst within {limit:g} s" if self._connection.is_open else "has disconnected"
            raise SourceError(f"{self._address} {what}")


def _taken(waiting: deque[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    taken = list(waiting)
    waiting.clear()
    return taken

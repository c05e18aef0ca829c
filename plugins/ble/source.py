"""The `ble` source: one Bluetooth Low Energy device, by what it advertises and by what is read from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatewayd.plugin import Channel, Effort, Line, OptionError, Poll, SourceError, Yield, now
from gatewayd_plugins.ble.adapter.radio import Radio
from gatewayd_plugins.ble.advertisement import Inbox
from gatewayd_plugins.ble.connections.gatt import Gatt
from gatewayd_plugins.ble.decoders.bthome import Bthome
from gatewayd_plugins.ble.decoders.bthome_encryption import Replay, Seal
from gatewayd_plugins.ble.decoders.decoded import Decoder
from gatewayd_plugins.ble.decoders.described import Described
from gatewayd_plugins.ble.formats import channels_of, decoder_of
from gatewayd_plugins.ble.hearing.listening import Listener
from gatewayd_plugins.ble.keys import key_in, written_key
from gatewayd_plugins.ble.options import BleOptions

TAKING = Effort("take what was heard", 0.001)
"""Measured: 1 ms with a few advertisements."""


@dataclass
class Ble(BleOptions):
    """A device on the radio of an adapter; all sources of one adapter share its scan."""

    def __post_init__(self) -> None:
        """Raise OptionError for options that contradict each other or their formats."""
        super().__post_init__()
        self._decoder = self._made_decoder()
        self._heard: list[Channel] = []
        self._listener: Listener | None = None
        if self._decoder is not None:
            form = str(self.format) if self.format else "the table fields"
            self._heard = channels_of(self._decoder, self.channels, form)
            self._listener = Listener(self._decoder, [each.name for each in self._heard], self.silence)
        self._gatt: Gatt | None = None
        if self.characteristics or self.bursts:
            self._gatt = Gatt(self.device, self.characteristics, self.bursts)
        self._check_names()
        self._radio: Radio | None = None
        self._inbox = Inbox()
        self._overflowed = 0

    def declare(self) -> Sequence[Channel]:
        """What is heard, then what is read."""
        return [*self._heard, *(self._gatt.channels() if self._gatt else ())]

    def polls(self, interval: float) -> Sequence[Poll]:
        """All that is heard together; what is read has intervals of its own."""
        heard = [Poll(interval, tuple(each.name for each in self._heard))] if self._heard else []
        return [*heard, *(self._gatt.polls(interval) if self._gatt else ())]

    def effort(self, poll: Poll) -> Sequence[Effort]:
        """What a connection asks of the adapter; to take what was heard asks hardly anything."""
        return [TAKING] if self._gatt is None or self._is_heard(poll) else self._gatt.effort(poll)

    @property
    def poll_limit(self) -> float:
        """Seconds; a connection bounds its own waits."""
        return max(super().poll_limit, self._gatt.poll_limit if self._gatt else 0.0)

    def line(self) -> Line:
        """The adapter."""
        return Radio(self.adapter, self.scan)

    def use(self, line: Line) -> None:
        """Share an adapter."""
        if not isinstance(line, Radio):
            raise TypeError(f"{line!r} is no radio")
        self._radio = line
        if self._gatt is not None:
            self._gatt.use(line)
        if self._listener is not None:
            self._inbox = line.inbox(self.device)
        if isinstance(self._decoder, Described):
            for origin in self._decoder.origins:
                line.look_for(company=origin.company, service=origin.service or None)

    async def open(self) -> None:
        """Find the key. Raises SourceError when there is none in its file."""
        if self._listener is not None:
            self._listener.begin(now())
        if isinstance(self._decoder, Bthome) and self.encrypts:
            key = key_in(self.key_file or Path()) if self.key is None else written_key(self.key)
            self._decoder.unlock(Seal(key, bytes.fromhex(self.device.replace(":", ""))))

    async def close(self) -> None:
        """Let go of the connection, if there is one."""
        if self._gatt is not None:
            await self._gatt.close()

    def recall(self, memory: bytes) -> None:
        """The counters that the device has used up."""
        if self._decoder is not None:
            self._decoder.recall(memory)

    def memory(self) -> bytes:
        """The counters that the device has used up."""
        return b"" if self._decoder is None else self._decoder.memory()

    def about(self) -> Mapping[str, str]:
        """What it says of itself, in its advertisements and when it is asked."""
        heard = self._listener.about if self._listener is not None else {}
        return {**heard, **(self._gatt.about if self._gatt is not None else {})}

    async def poll(self, poll: Poll) -> Sequence[Yield]:
        """What was heard since the last poll, or what the device answers."""
        if self._radio is None:
            raise SourceError("there is no adapter")
        if self._gatt is not None and not self._is_heard(poll):
            return await self._gatt.poll(self._radio, poll)
        return self._reported(self._radio.trouble)

    def _reported(self, trouble: str) -> Sequence[Yield]:
        if self._listener is None:
            return ()
        if self._inbox.lost != self._overflowed:
            self._overflowed = self._inbox.lost
            self._listener.skip()
        return self._listener.report(self._inbox.take(), now(), trouble)

    def _is_heard(self, poll: Poll) -> bool:
        return any(each.name == poll.channels[0] for each in self._heard)

    def _made_decoder(self) -> Decoder | None:
        if self.fields:
            return Described(self.data or "", self.begins or "", self.fields, self.sequence)
        decoder = None if self.format is None else decoder_of(self.format)
        if isinstance(decoder, Bthome) and self.encrypts:
            decoder.encrypted(Replay(restarts=self.accept_restart))
        return decoder

    def _check_names(self) -> None:
        """Raise OptionError for two channels of one name."""
        taken = {each.name for each in self._heard}
        for table in ("characteristics", "bursts"):
            for name in getattr(self, table):
                if name in taken:
                    raise OptionError([table, name], f"there is another channel {name!r}", "call it otherwise")
                taken.add(name)

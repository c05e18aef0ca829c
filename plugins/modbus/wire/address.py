"""Addresses: where a device is and how it is talked to."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from typing import Literal

from gatewayd_plugins.modbus.wire.secure import Tls

Parity = Literal["N", "E", "O"]

SHORTEST_GAP = 0.00175
"""Seconds of silence between two frames above 19200 baud (Modbus over Serial Line V1.02, 2.5.1.1)."""


class Framing(enum.StrEnum):
    """How requests and answers are wrapped."""

    TCP = "tcp"
    RTU = "rtu"
    ASCII = "ascii"

    @property
    def serial(self) -> bool:
        """Whether it is one of serial lines: an answer does not say what it answers."""
        return self is not Framing.TCP

    @property
    def bits_per_character(self) -> int:
        """On the wire, with what stands around the 8 bits of RTU or the 7 of ASCII."""
        return 10 if self is Framing.ASCII else 11

    def characters(self, size: int) -> int:
        """On the wire, of a frame that has `size` bytes in RTU: ASCII has two for each, and its own ends."""
        return 2 * size + 1 if self is Framing.ASCII else size


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and port. Behind it is a serial line, whose frames travel as they are, unless its `framing` is TCP's.

    `tls`: it is Modbus/TCP Security, and so much is known of the other end.
    """

    host: str
    port: int
    framing: Framing = Framing.TCP
    tls: Tls | None = None

    gap = 0.0
    """Seconds of silence between two frames: whoever owns the serial line sees to it."""

    @property
    def serial(self) -> bool:
        """Whether an answer does not say what it answers."""
        return self.framing.serial

    @property
    def key(self) -> str:
        """What makes it the same connection."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.key

    @property
    def terms(self) -> str:
        """What all who share it must agree on."""
        if self.tls is not None:
            return self.tls.terms
        return f"{self.framing}+tcp" if self.serial else "tcp"

    def wire_time(self, size: int) -> float:  # noqa: ARG002 - the baud rate is not known here
        """Seconds that `size` bytes are on their way."""
        return 0.0


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """A serial port of this machine and its settings."""

    port: str
    baudrate: int = 9600
    parity: Parity = "N"
    stopbits: int = 1
    framing: Framing = Framing.RTU
    bytesize: int = 8

    serial = True

    @property
    def key(self) -> str:
        """What makes it the same port: a path below /dev/serial is a link to one that may be used as well."""
        return os.path.realpath(self.port)

    @property
    def name(self) -> str:
        """What messages call it: the integrator's path, for the port's own changes when it is plugged in again."""
        return self.port

    @property
    def terms(self) -> str:
        """What all who share it must agree on."""
        settings = f"baudrate={self.baudrate}&parity={self.parity}&stopbits={self.stopbits}"
        return settings if self.framing is Framing.RTU else f"{self.framing}&{settings}&bytesize={self.bytesize}"

    @property
    def gap(self) -> float:
        """Seconds of silence between two frames: 3.5 characters in RTU, none in ASCII, whose frames have ends."""
        return max(self.wire_time(7) / 2, SHORTEST_GAP) if self.framing is Framing.RTU else 0.0

    def wire_time(self, size: int) -> float:
        """Seconds that a frame is on its way that has `size` bytes in RTU."""
        return self.framing.characters(size) * self.framing.bits_per_character / self.baudrate


Address = TcpAddress | SerialAddress

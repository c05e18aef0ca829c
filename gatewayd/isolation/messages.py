"""Messages: what the gateway and the process of an isolated line tell each other, and how that is framed.

A frame is its length as a little-endian 32-bit number, then one message as msgpack.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from gatewayd.errors import GatewaydError
from gatewayd.foreign import one_line
from gatewayd.recorder.entries import Poll, Wave
from gatewayd.sources import SourceStatus

HEAD = struct.Struct("<I")


class Message(msgspec.Struct, frozen=True, array_like=True):
    """Either way."""


class Setup(Message, frozen=True, array_like=True, tag=0):
    """To the child, first: the tables of its sources by their names, what they remember, the seconds between beats."""

    tables: dict[str, dict[str, Any]]
    memories: dict[str, bytes]
    beat: float


class Set(Message, frozen=True, array_like=True, tag=1):
    """To the child: have a source set a channel; answered by a `Done` with this number."""

    number: int
    source: str
    channel: str
    value: float


class Stop(Message, frozen=True, array_like=True, tag=2):
    """To the child: close everything, tell for the last time how you are, and end."""


class Forget(Message, frozen=True, array_like=True, tag=3):
    """To the child: nobody waits any more for the `Set` with this number; if it has not begun, it must not."""

    number: int


class Ready(Message, frozen=True, array_like=True, tag=10):
    """From the child: what it polls, in its own numbers.

    `groups` are the sources and channels of each group, `waveforms` the names of channels of waveforms.
    """

    groups: list[tuple[str, list[str]]]
    waveforms: dict[int, str]


class Unfit(Message, frozen=True, array_like=True, tag=11):
    """From the child: why it cannot work."""

    why: str


class Fed(Message, frozen=True, array_like=True, tag=12):
    """From the child: what came of its polls, in its own numbers."""

    inputs: list[Poll | Wave]


class Beat(Message, frozen=True, array_like=True, tag=13):
    """From the child: its event loop turns.

    `stuck`: a call into a plugin cannot be broken off. `memory` is what the process takes, in bytes; `memories` are
    those that have changed since the last beat.
    """

    statuses: list[SourceStatus]
    stuck: bool
    memory: int
    memories: dict[str, bytes]


class Told(Message, frozen=True, array_like=True, tag=14):
    """From the child: an event for the log, its fields as JSON."""

    level: str
    event: str
    fields: str


class Done(Message, frozen=True, array_like=True, tag=15):
    """From the child: what came of a `Set`; no `failure`: it was done."""

    number: int
    failure: str


Order = Setup | Set | Stop | Forget
Report = Ready | Unfit | Fed | Beat | Told | Done

_encoder = msgspec.msgpack.Encoder(enc_hook=str)
orders = msgspec.msgpack.Decoder(Order)
_reports = msgspec.msgpack.Decoder(Report)


class RubbishError(GatewaydError):
    """A child process says what it cannot mean."""


def framed(message: Message) -> bytes:
    """A message as a frame."""
    body = _encoder.encode(message)
    return HEAD.pack(len(body)) + body


def received(body: bytes) -> Report:
    """What a child said. Raises RubbishError."""
    try:
        report: Report = _reports.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise RubbishError(f"talked rubbish ({one_line(str(error))})") from error
    return report

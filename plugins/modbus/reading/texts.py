"""Texts: what a device says of itself in registers, such as its serial number."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.complaints import Complaints
from gatewayd_plugins.modbus.fields.options import TextOptions
from gatewayd_plugins.modbus.fields.orders import ByteOrder
from gatewayd_plugins.modbus.fields.registers import ADDRESSES, place
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import Request

Ask = Callable[[Request], Awaitable[bytes | Refused]]

HOLDS = 600.0
"""Seconds for which what a device told is taken to be so, however often it fails meanwhile."""


def text(bytes_: bytes) -> str:
    """What is written in bytes up to the first zero, without spaces around it and without what cannot be printed."""
    written = bytes_.partition(b"\0")[0].decode("utf-8", "replace")
    return "".join(character for character in written if character.isprintable()).strip()


@dataclass(frozen=True, slots=True)
class Text:
    """`length` characters, which the answers to `requests` hold in their order."""

    requests: tuple[Request, ...]
    length: int
    swapped: bool

    def read(self, answers: Sequence[bytes]) -> str:
        """The text in the answers to all requests."""
        bytes_ = b"".join(answers)
        if self.swapped:
            bytes_ = b"".join(bytes_[n : n + 2][::-1] for n in range(0, len(bytes_), 2))
        return text(bytes_[: self.length])


def texts(options: Mapping[str, TextOptions], base: int, most: int) -> Mapping[str, Text]:
    """The texts that a source's options describe, read by `most` registers at once. Raises OptionError."""
    right: dict[str, Text] = {}
    complaints = Complaints()
    for name, each in options.items():
        with complaints.collect():
            right[name] = _text(each, base, most, ["texts", name])
    complaints.tell()
    return right


class Told:
    """What a device tells of itself: after a poll, when it is surely there, one text at a time."""

    def __init__(self, wanted: Mapping[str, Text]) -> None:
        self._wanted = wanted
        self._left = list(wanted)
        self._asked = -math.inf
        self.about: dict[str, str] = {}
        """What it told, without what it refuses or leaves empty."""

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing left to ask for."""
        return not self._left

    def ask_again(self, now: float) -> None:
        """The device may be another one by now, unless it was asked a moment ago; `now` in seconds."""
        if now > self._asked + HOLDS:
            self._left = list(self._wanted)

    async def ask(self, ask: Ask, now: float) -> None:
        """Ask for the next text. What `ask` raises passes through; it is then not asked for again for a while."""
        self._asked = now
        name = self._left.pop(0)
        self.about.pop(name, None)
        wanted = self._wanted[name]
        answers = [await ask(request) for request in wanted.requests]
        written = wanted.read([answer for answer in answers if isinstance(answer, bytes)])
        if written and not any(isinstance(answer, Refused) for answer in answers):
            self.about[name] = written


def _text(options: TextOptions, base: int, most: int, path: Sequence[str]) -> Text:
    table, address = place(options.register, base, path)
    if table.of_bits:
        what = f"{options.register!r} is a bit, and no text"
        raise OptionError([*path, "register"], what, 'give a register such as "holding:100"')
    end = address + -(-options.length // 2)
    if end > ADDRESSES:
        what = f"a text of {options.length} characters at {address + base} ends behind the last address"
        raise OptionError([*path, "length"], what, f"give {2 * (ADDRESSES - address)} at most")
    begins = range(address, end, most)
    requests = tuple(Request(table, begin, min(most, end - begin)) for begin in begins)
    return Text(requests, options.length, options.byte_order == ByteOrder.BADC)

"""The identity of a row within its epoch: its class and its number in one integer, and runs of such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatewayd.records import Alarm, EpochBegun, Flood, Loss, ModelNews, Readings, Summary, Verdict
from gatewayd.uplink.row import MessageClass

CLASSES = tuple(MessageClass)
CLASS_OF: dict[type, MessageClass] = {
    Alarm: MessageClass.EVENT,
    Flood: MessageClass.EVENT,
    Verdict: MessageClass.EVENT,
    ModelNews: MessageClass.EVENT,
    Loss: MessageClass.EVENT,
    EpochBegun: MessageClass.EVENT,
    Summary: MessageClass.SUMMARY,
    Readings: MessageClass.READINGS,
}
_NUMBER = {message_class: number for number, message_class in enumerate(CLASSES)}


def row_id(message_class: MessageClass, seq: int) -> int:
    """The id of a row."""
    return seq << 2 | _NUMBER[message_class]


def class_and_seq(number: int) -> tuple[MessageClass, int]:
    """What a row's id stands for."""
    return CLASSES[number & 3], number >> 2


def runs(ids: Iterable[int]) -> Iterator[tuple[MessageClass, int, int]]:
    """The ids as runs of consecutive rows of a class: class, first and last number."""
    first = last = None
    for number in sorted(ids, key=lambda number: (number & 3, number)):
        if first is None or last is None or number != last + 4:
            if first is not None and last is not None:
                yield CLASSES[first & 3], first >> 2, last >> 2
            first = number
        last = number
    if first is not None and last is not None:
        yield CLASSES[first & 3], first >> 2, last >> 2

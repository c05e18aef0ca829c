"""States: channels whose numbers have names, and texts that have numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.capacity import Capacity
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.options import ChannelOptions, RegisterOptions

MOST = 2**53
"""Up to here whole numbers are exact as values."""


def text_values(options: ChannelOptions, path: Sequence[str]) -> Mapping[str, int] | None:
    """The number of each text of a string; None for a number. Raises OptionError."""
    if options.type is not NumberType.STRING:
        if options.values is not None:
            what = "only texts have numbers of their own"
            raise OptionError([*path, "values"], what, 'write type = "string", or give names to numbers by labels')
        return None
    if not options.values:
        fix = 'say what number each text stands for: values = { "RUN" = 1 }; or read it once, by texts of the source'
        raise OptionError([*path, "type"], "a text is no number", fix)
    if options.labels is not None:
        raise OptionError([*path, "labels"], "the texts of values are the labels", "leave labels out")
    _check_unscaled(options, "values", path)
    numbers: dict[str, int] = {}
    for text, number in options.values.items():
        where, plain = [*path, "values", text], text.strip()
        _check_text(plain, options.length or 0, where)
        if plain in numbers:
            raise OptionError(where, f"{plain!r} is there already", "spaces around it do not count: leave one out")
        if abs(number) > MOST:
            raise OptionError(where, f"{number} is too great", "use small whole numbers")
        numbers[plain] = number
    return numbers


def labels(options: ChannelOptions, capacity: Capacity, path: Sequence[str]) -> Mapping[int, str]:
    """The names of a channel's numbers: its labels, or the texts that they stand for. Raises OptionError."""
    if options.values is not None:
        return {number: text for text, number in options.values.items()}
    if options.labels is None:
        return {}
    where = [*path, "labels"]
    if not capacity.type.whole:
        raise OptionError(where, f"labels name whole numbers, not {capacity.type}", "leave labels out")
    _check_unscaled(options, "labels", path)
    names: dict[int, str] = {}
    for written, name in options.labels.items():
        number = _labelled(written, capacity, [*where, written])
        if number in names:
            raise OptionError([*where, written], f"{number} has a name already: {names[number]!r}", "leave one out")
        names[number] = name
    return names


def _check_text(text: str, length: int, path: Sequence[str]) -> None:
    takes = len(text.encode())
    if takes > length:
        what = f"{text!r} has {takes} characters, and the string {length}"
        raise OptionError(path, what, "shorten it, or give the string's length as it is")


def _labelled(written: str, capacity: Capacity, path: Sequence[str]) -> int:
    try:
        number = int(written, 0)
    except ValueError:
        raise OptionError(path, f"{written!r} is not a whole number", 'write { "3" = "fault" }') from None
    low, high = capacity.span
    if not low <= number <= high:
        raise OptionError(path, f"{capacity} is never {number}", f"its numbers are from {low:g} to {high:g}")
    return number


def _check_unscaled(options: RegisterOptions, key: str, path: Sequence[str]) -> None:
    if (options.scale, options.offset) != (1, 0):
        what = f"{key} are for the numbers that the device sends, and this one is scaled"
        raise OptionError([*path, key], what, f"leave scale and offset out, or {key}")

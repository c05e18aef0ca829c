"""Waveforms: bursts of values in registers that follow each other, as the integrator wrote them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.field import Field, field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.options import ChannelOptions, RegisterOptions
from gatewayd_plugins.modbus.fields.registers import ADDRESSES

ONLY_OF_WAVEFORMS = ("rate", "ready", "sequence")
ONLY_OF_SCALARS = ("bits", "byte", "length", "absent", "labels", "values", "write")


@dataclass(frozen=True, slots=True)
class WaveField:
    """`count` values that follow each other, `first` being the field of the first one.

    `rate` is theirs in Hz, or where that is read. `ready` holds 0 while the burst is not whole; `sequence` another
    number for each burst.
    """

    first: Field
    count: int
    rate: float | Field
    ready: Field | None = None
    sequence: Field | None = None


def wave_field(options: ChannelOptions, path: Sequence[str], base: int = 0) -> WaveField:
    """What the options of a channel with a count describe; addresses count from `base`.

    Raises OptionError, at the wrong key below `path`.
    """
    first = _first(options, path, base)
    count = _count(options, first, path)
    ready = None if options.ready is None else _field(options.ready, [*path, "ready"], base)
    return WaveField(first, count, _rate(options, path, base), ready, _sequence(options, path, base))


def refuse_for_scalars(options: ChannelOptions, path: Sequence[str]) -> None:
    """Raise OptionError when something is given that a single value has no use for."""
    for key in ONLY_OF_WAVEFORMS:
        if getattr(options, key) is not None:
            what = f"{key} is for waveforms, and this channel has a single value"
            raise OptionError([*path, key], what, f"give count, the number of values, or leave {key} out")


def check_range(options: ChannelOptions, path: Sequence[str]) -> None:
    """Raise OptionError for a range that is none."""
    if options.range is None:
        return
    low, high = options.range
    if not low < high:
        what = f"{low:g} to {high:g} is no range"
        fix = "give the least and the greatest value that the sensor can measure: [-160, 160]"
        raise OptionError([*path, "range"], what, fix)


def _first(options: ChannelOptions, path: Sequence[str], base: int) -> Field:
    for key in ONLY_OF_SCALARS:
        if getattr(options, key) is not None:
            raise OptionError([*path, key], f"{key} is for single values", f"leave {key} out, or count")
    if options.bit is not None:
        raise OptionError([*path, "bit"], "there are no waveforms of bits", "leave bit out, or count")
    if options.type is NumberType.BOOL:
        raise OptionError([*path, "type"], "there are no waveforms of bits", 'write "int16", say, or leave count out')
    first = field(options, path, base)
    if first.table.of_bits:
        what = f"{options.register!r} is a bit, and there are no waveforms of bits"
        raise OptionError([*path, "register"], what, 'give a register such as "holding:1000", or leave count out')
    if not first.type.plain:
        raise OptionError([*path, "type"], f"there are no waveforms of {first.type}", 'write "int16", say')
    return first


def _count(options: ChannelOptions, first: Field, path: Sequence[str]) -> int:
    count = options.count or 0
    most = (ADDRESSES - first.address) // first.length
    if count > most:
        what = f"{count} values of {first.type} from {first.address} on end behind the last address, {ADDRESSES - 1}"
        raise OptionError([*path, "count"], what, f"give a count up to {most}")
    return count


def _rate(options: ChannelOptions, path: Sequence[str], base: int) -> float | Field:
    if options.rate is None:
        fix = "add rate = 6400 (in Hz), or the register that holds it"
        raise OptionError([*path, "count"], "a waveform needs the rate of its values", fix)
    if not isinstance(options.rate, float | int):
        return _number(options.rate, [*path, "rate"], base)
    if not 0 < options.rate < math.inf:
        raise OptionError([*path, "rate"], f"{options.rate:g} Hz is no rate", "give values per second, such as 6400")
    return float(options.rate)


def _sequence(options: ChannelOptions, path: Sequence[str], base: int) -> Field | None:
    if options.sequence is None:
        return None
    sequence = _number(options.sequence, [*path, "sequence"], base)
    if not sequence.type.whole:
        what = f"{sequence.type} is not what counts bursts"
        raise OptionError([*path, "sequence", "type"], what, "leave type out, or give one of whole numbers")
    return sequence


def _number(given: str | RegisterOptions, path: Sequence[str], base: int) -> Field:
    number = _field(given, path, base)
    if number.type is NumberType.STRING:
        raise OptionError([*path, "type"], f"a text cannot be the {path[-1]}", "give the type of a number")
    if number.is_bit:
        raise OptionError(path, f"a bit cannot be the {path[-1]}", 'give a register such as "holding:998"')
    return number


def _field(given: str | RegisterOptions, path: Sequence[str], base: int) -> Field:
    """A field that is given by its register alone, or in full."""
    if isinstance(given, RegisterOptions):
        return field(given, path, base)
    try:
        return field(RegisterOptions(given), path, base)
    except OptionError as error:
        raise OptionError(path, error.what, error.fix) from None

"""What is read from one device by a connection, worked out from the options: numbers, bursts and their polls. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatewayd.plugin import Channel, Kind, OptionError, Poll
from gatewayd_plugins.ble.connections.options import BurstOptions, CharacteristicOptions, CounterOptions
from gatewayd_plugins.ble.connections.packets import Counter, Layout
from gatewayd_plugins.ble.numbers.number import Number, channel, number
from gatewayd_plugins.ble.uuids import full_uuid

ONLY_OF_NUMBERS = ("bits", "absent", "labels")
"""Options that single values have and waveforms do not."""


@dataclass(frozen=True, slots=True)
class Field:
    """A channel that is a number in a characteristic."""

    channel: Channel
    uuid: str
    number: Number
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """A channel that is a burst; its values are raw ones times `scale` plus `offset`."""

    channel: Channel
    uuid: str
    layout: Layout
    rate: float
    timeout: float
    scale: float = 1.0
    offset: float = 0.0
    start: tuple[str, bytes] | None = None
    """The characteristic that a burst is asked for by, and what is written there."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one poll reads."""

    poll: Poll
    fields: tuple[Field, ...] = ()
    waves: tuple[Wave, ...] = ()

    @property
    def read(self) -> list[str]:
        """The characteristics that are asked, each once."""
        return list(dict.fromkeys(each.uuid for each in self.fields if not each.notify))


def field(name: str, options: CharacteristicOptions) -> Field:
    """The number of a table. Raises OptionError with a path that begins with `characteristics`."""
    path = ("characteristics", name)
    uuid = full_uuid(options.uuid, [*path, "uuid"])
    return Field(channel(name, options, path), uuid, number(options, path), options.notify)


def wave(name: str, options: BurstOptions) -> Wave:
    """The burst of a table. Raises OptionError with a path that begins with `bursts`."""
    path = ("bursts", name)
    for key in ONLY_OF_NUMBERS:
        if getattr(options, key):
            raise OptionError([*path, key], f"{key} is for single values, and this is a waveform", "leave it out")
    scaled = number(options, path)
    told = channel(name, options, path)
    return Wave(
        Channel(told.name, told.unit, Kind.WAVEFORM, told.range),
        full_uuid(options.uuid, [*path, "uuid"]),
        _layout(options, path),
        _rate(options, path),
        _timeout(options, path),
        scaled.scale,
        scaled.offset,
        _start(options, path),
    )


def check_paces(options: Mapping[str, CharacteristicOptions], fields: Mapping[str, Field]) -> None:
    """Raise OptionError for numbers that come in one notification and are to be taken at different times."""
    paces: dict[str, tuple[str, object]] = {}
    for name, each in fields.items():
        if each.notify:
            other, pace = paces.setdefault(each.uuid, (name, options[name].interval))
            if pace != options[name].interval:
                what = f"{name!r} and {other!r} come in the same notifications"
                fix = "give both the same interval, or leave it out in both"
                raise OptionError(["characteristics", name, "interval"], what, fix)


def parts(fields: Mapping[str, tuple[Field, float]], waves: Mapping[str, tuple[Wave, float]]) -> list[Part]:
    """All polls, each channel being given with its interval.

    Numbers of one interval are read together, and so are bursts of one characteristic that one start begins.
    """
    numbers: dict[float, list[Field]] = {}
    for each, interval in fields.values():
        numbers.setdefault(interval, []).append(each)
    bursts: dict[tuple[float, str, tuple[str, bytes] | None], list[Wave]] = {}
    for burst, interval in waves.values():
        bursts.setdefault((interval, burst.uuid, burst.start), []).append(burst)
    together = [Part(_poll(every, group), fields=tuple(group)) for every, group in numbers.items()]
    return together + [Part(_poll(key[0], group), waves=tuple(group)) for key, group in bursts.items()]


def _poll(interval: float, group: Sequence[Field] | Sequence[Wave]) -> Poll:
    return Poll(interval, tuple(each.channel.name for each in group))


def _layout(options: BurstOptions, path: Sequence[str]) -> Layout:
    kind = options.type
    if not (kind.is_whole or (kind.size in {2, 4, 8} and kind[-1].isdigit())):
        raise OptionError([*path, "type"], f"there are no waveforms of {kind}", 'give "int16", say, or "float32"')
    if options.index is None and options.first:
        raise OptionError([*path, "first"], "there is no index that could begin with it", "leave it out, or add index")
    layout = Layout(
        options.count,
        kind,
        options.at,
        options.byte_order,
        options.step,
        _counter(options.index, [*path, "index"]),
        options.counts,
        options.first,
        _counter(options.burst, [*path, "burst"]),
    )
    if options.start is None:
        _check_index(layout, [*path, "index", "type"])
    return layout


def _check_index(layout: Layout, path: Sequence[str]) -> None:
    """Refuse an index that begins anew within a burst, where nothing else tells bursts apart."""
    index, last = layout.index, layout.least_last_place
    if index is not None and layout.burst is None and last >= index.span:
        what = f"{index.type} counts to {index.span - 1}, and the last packet has at least {last}"
        raise OptionError(path, what, "give a larger type, or burst or start, by which bursts are told apart")


def _counter(options: CounterOptions | None, path: Sequence[str]) -> Counter | None:
    if options is None:
        return None
    if not options.type.startswith("uint"):
        raise OptionError(
            [*path, "type"], f"nothing is counted in {options.type}", 'give "uint8", "uint16" or "uint32"'
        )
    return Counter(options.at, options.type, options.byte_order)


def _rate(options: BurstOptions, path: Sequence[str]) -> float:
    if not 0 < options.rate < math.inf:
        raise OptionError([*path, "rate"], f"{options.rate:g} Hz is no rate", "give values per second, such as 6400")
    return float(options.rate)


def _timeout(options: BurstOptions, path: Sequence[str]) -> float:
    if not 0.1 <= options.timeout <= 600:
        raise OptionError([*path, "timeout"], f"{options.timeout:g} s is no time to wait", 'give "1s" to "10m"')
    return float(options.timeout)


def _start(options: BurstOptions, path: Sequence[str]) -> tuple[str, bytes] | None:
    start = options.start
    if start is None:
        return None
    place = [*path, "start", "value"]
    try:
        value = bytes.fromhex(start.value.removeprefix("0x"))
    except ValueError:
        raise OptionError(
            place, f"{start.value!r} is not hexadecimal", 'give two digits for each byte: "01ff"'
        ) from None
    if not value:
        raise OptionError(place, "there is nothing to write", 'give two digits for each byte: "01"')
    return full_uuid(start.uuid, [*path, "start", "uuid"]), value

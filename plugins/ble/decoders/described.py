"""A format of the integrator's own: fields in manufacturer or service data, as the config describes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from msgspec import Meta

from gatewayd.plugin import Channel, OptionError
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Decoded, Decoder, Serial, Undecodable
from gatewayd_plugins.ble.numbers.number import LONGEST_VALUE, Number, NumberOptions, channel, number
from gatewayd_plugins.ble.numbers.types import ByteOrder, NumberType
from gatewayd_plugins.ble.uuids import full_uuid

WHERE = 'write the number of a company, "manufacturer:0x0499", or the UUID of a service, "service:fcd2"'


@dataclass
class FieldOptions(NumberOptions):
    """One channel's table. `data` and `begins` are for a field in data of another kind than the source's."""

    data: str | None = None
    begins: str | None = None


@dataclass
class SequenceOptions:
    """Where the number of a reading lies, in the source's `data`."""

    at: Annotated[int, Meta(ge=0, lt=LONGEST_VALUE)]
    type: NumberType = NumberType.UINT8
    byte_order: ByteOrder = "little"


class Origin(NamedTuple):
    """Data of one kind: of a company or of a service, with the bytes that they begin with."""

    company: int | None
    service: str
    begins: bytes

    def of(self, advertisement: Advertisement) -> bytes | None:
        """The data, if an advertisement has some of that kind."""
        if self.company is not None:
            data = advertisement.manufacturer.get(self.company)
        else:
            data = advertisement.services.get(self.service)
        return data if data is not None and data.startswith(self.begins) else None


class Described(Decoder):
    """What `[fields]` describe. Raises OptionError, at the key below the source's table that is wrong."""

    def __init__(
        self, data: str, begins: str, fields: Mapping[str, FieldOptions], sequence: SequenceOptions | None
    ) -> None:
        own = Given(data, ["data"]), Given(begins, ["begins"])
        described: dict[str, Channel] = {}
        self._numbers: dict[Origin, dict[str, Number]] = {}
        for name, options in fields.items():
            path = ["fields", name]
            described[name] = channel(name, options, path)
            self._numbers.setdefault(_origin_of(options, own, path), {})[name] = number(options, path)
        self._sequence: tuple[Origin, Number] | None = None
        if sequence is not None:
            self._sequence = _origin(*own), _counting(sequence)
        self.channels = described
        self.numbered = sequence is not None

    @property
    def origins(self) -> Sequence[Origin]:
        """Whose data it reads."""
        return tuple(self._numbers)

    def decode(self, advertisement: Advertisement) -> Decoded | None:
        """The fields whose data it has. Raises Undecodable when these are shorter than described."""
        values: dict[str, float] = {}
        bad: dict[str, str] = {}
        for origin, numbers in self._numbers.items():
            data = origin.of(advertisement)
            if data is None:
                continue
            for name, each in numbers.items():
                if each.end > len(data):
                    raise Undecodable(f"its data end before {name} does, at byte {each.end}")
                value, reason = each.read(data)
                if math.isnan(value):
                    bad[name] = reason
                else:
                    values[name] = value
        if not values and not bad:
            return None
        return Decoded(values, bad, serial=self._serial(advertisement))

    def _serial(self, advertisement: Advertisement) -> Serial | None:
        if self._sequence is None:
            return None
        origin, place = self._sequence
        data = origin.of(advertisement)
        if data is None:
            return None
        if place.end > len(data):
            raise Undecodable(f"its data end before the sequence does, at byte {place.end}")
        return Serial(int(place.read(data).value), 1 << 8 * place.type.size)


def _counting(options: SequenceOptions) -> Number:
    if not options.type.startswith("uint") or options.type.size > 4:
        what, fix = f"{options.type} does not count", 'use "uint8", "uint16", "uint24" or "uint32"'
        raise OptionError(["sequence", "type"], what, fix)
    return Number(options.type, options.at, options.byte_order)


class Given(NamedTuple):
    """What is written, and at which key."""

    text: str
    path: Sequence[str]


def _origin_of(options: FieldOptions, source: tuple[Given, Given], path: Sequence[str]) -> Origin:
    """Where a field lies. The source's `begins` is about the source's `data` alone."""
    data, begins = source
    if options.data is not None:
        data, begins = Given(options.data, [*path, "data"]), Given("", [])
    if options.begins is not None:
        begins = Given(options.begins, [*path, "begins"])
    return _origin(data, begins)


def _origin(data: Given, begins: Given) -> Origin:
    text, path = data
    kind, _, name = text.partition(":")
    prefix = _prefix(begins)
    if kind == "service":
        return Origin(None, full_uuid(name, path), prefix)
    if kind != "manufacturer":
        raise OptionError(path, f"{text!r} does not say whose data these are" if text else "data is missing", WHERE)
    try:
        company = int(name, 0)
    except ValueError:
        company = -1
    if not 0 <= company <= 0xFFFF:
        raise OptionError(path, f"{name!r} is not the number of a company", WHERE)
    return Origin(company, "", prefix)


def _prefix(begins: Given) -> bytes:
    text, path = begins
    try:
        return bytes.fromhex(text)
    except ValueError:
        what = f"{text!r} are not bytes in hexadecimal digits"
        raise OptionError(path, what, 'write two digits for each: begins = "10 03"') from None

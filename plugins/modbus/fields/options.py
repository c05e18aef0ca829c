"""Options of channels: where a number lies and what it means, as the integrator writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta

from gatewayd.plugin import Duration, check_unit
from gatewayd_plugins.modbus.fields.complaints import Complaints
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.registers import check_spelling

Code: TypeAlias = int | float | str
Codes: TypeAlias = Code | list[Code] | dict[str, str]


@dataclass
class RegisterOptions:
    """Where and how a number lies.

    `register` is `"holding:100"`, a table and an address that counts from 0 (or the source's `base`), or the number in
    the manual, `"40101"`. `bit` and `bits` (from, to) take a part of it, 0 being the least significant bit. `length` is
    that of a string, in characters.
    """

    register: Annotated[str, Meta(examples=["holding:100"])]
    type: NumberType | None = None
    bit: Annotated[int, Meta(ge=0, le=63)] | None = None
    byte_order: Annotated[str, Meta(examples=["CDAB"])] | None = None
    scale: float = 1.0
    offset: float = 0.0
    bits: str | tuple[int, int] | None = None
    byte: Literal["low", "high"] | None = None
    length: Annotated[int, Meta(ge=1, le=250)] | None = None


@dataclass
class ChannelOptions(RegisterOptions):
    """One channel's table in the config. With a `count` of values it is a waveform's.

    What else the device says of a burst (waveform.py) may be given by its register alone. `absent` are numbers that
    mean that there is no value, `labels` the names of states, `values` the numbers of texts, `write` the least and the
    greatest value that the channel may be set to.
    """

    unit: str = ""
    interval: Duration | None = None
    count: Annotated[int, Meta(ge=2)] | None = None
    rate: float | str | RegisterOptions | None = None
    range: tuple[float, float] | None = None
    ready: str | RegisterOptions | None = None
    sequence: str | RegisterOptions | None = None
    absent: Codes | None = None
    labels: dict[str, str] | None = None
    values: dict[str, int] | None = None
    write: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Raise OptionError for a unit that is usually mistaken."""
        check_unit(self.unit)

    @staticmethod
    def check_each(options: Mapping[str, Any]) -> None:
        """Raise OptionError for those of some options that are wrong whatever the others are."""
        complaints = Complaints()
        with complaints.collect():
            check_unit(options.get("unit", ""))
        with complaints.collect():
            if "register" in options:
                check_spelling(options["register"])
        complaints.tell()


@dataclass
class TextOptions:
    """What the device says of itself: `length` characters, two in each register from `register` on."""

    register: Annotated[str, Meta(examples=["holding:100"])]
    length: Annotated[int, Meta(ge=1, le=250)]
    byte_order: Literal["ABCD", "BADC"] = "ABCD"

"""The payload of BTHome v2: objects, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gatewayd.plugin import Channel
from gatewayd_plugins.ble.decoders.bthome_objects import NUMERIC, PRESSES, STATES, UNITS
from gatewayd_plugins.ble.decoders.decoded import Undecodable

PACKET_ID = 0x00
BUTTON = 0x3A
DIMMER = 0x3C
TEXTS = (0x53, 0x54)
"""Their first byte says how long they are."""
DEVICE_TYPE = 0xF0
FIRMWARE = {0xF1: 4, 0xF2: 3}

SIZES: Mapping[int, int] = {
    **{number: each.size for number, each in NUMERIC.items()},
    **dict.fromkeys((PACKET_ID, BUTTON, *STATES), 1),
    **dict.fromkeys((DIMMER, DEVICE_TYPE), 2),
    **FIRMWARE,
}

CHANNELS: Mapping[str, Channel] = {
    **{name: Channel(name, UNITS.get(name, "")) for name in dict.fromkeys(each.property for each in NUMERIC.values())},
    **{each.property: Channel(each.property, labels={0: each.off, 1: each.on}) for each in STATES.values()},
    "button": Channel("button", labels=PRESSES),
    "dimmer": Channel("dimmer"),
}
"""By the names of properties. A dimmer gives the steps that it was turned to the right."""
EVENTS = {"button", "dimmer"}
"""Those that have a value only when something happens."""


@dataclass(slots=True)
class Contents:
    """What a payload holds; a second value of one property is called `temperature_2`, and so on."""

    values: dict[str, float] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    about: dict[str, str] = field(default_factory=dict)
    packet: int | None = None
    _seen: dict[str, int] = field(default_factory=dict)

    def put(self, name: str, value: float) -> None:
        """The next value of a property."""
        self.values[self.place(name)] = value

    def place(self, name: str) -> str:
        """What the next one of a property is called."""
        count = self._seen[name] = self._seen.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"


def contents(payload: bytes) -> Contents:
    """All objects up to the first one of an unknown type, which newer devices put last. Raises Undecodable."""
    found = Contents()
    for number, data in _objects(payload):
        if (numeric := NUMERIC.get(number)) is not None:
            found.put(numeric.property, numeric.value(data))
        elif number in STATES:
            _put_state(found, STATES[number].property, data[0])
        elif number == PACKET_ID:
            found.packet = data[0] if found.packet is None else found.packet  # zeros at the end are no second one
        elif number not in TEXTS:
            _put_rare(found, number, data)
    return found


def _objects(payload: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(payload):
        number = payload[place]
        place += 1
        size = SIZES.get(number)
        if number in TEXTS:
            size = payload[place] if place < len(payload) else 1
            place += 1
        if size is None:
            return
        if place + size > len(payload):
            raise Undecodable("it ends in the middle of an object")
        yield number, payload[place : place + size]
        place += size


def _put_state(found: Contents, name: str, value: int) -> None:
    place = found.place(name)
    if value in {0, 1}:
        found.values[place] = float(value)
    else:
        found.bad[place] = "neither 0 nor 1"


def _put_event(found: Contents, place: str, event: int) -> None:
    """That nothing happened is worth knowing, too: what happens afterwards has not been told before."""
    found.events.add(place)
    if event:
        found.values[place] = float(event)


def _put_rare(found: Contents, number: int, data: bytes) -> None:
    """Events, of which 0 says that there is none, and what the device says of itself."""
    if number == BUTTON:
        _put_event(found, found.place("button"), data[0])
    elif number == DIMMER:
        turned, steps = data
        _put_event(found, found.place("dimmer"), {1: -steps, 2: steps}.get(turned, 0))
    elif number in FIRMWARE:
        found.about["firmware"] = ".".join(map(str, reversed(data)))
    else:
        found.about["device type"] = str(int.from_bytes(data, "little"))

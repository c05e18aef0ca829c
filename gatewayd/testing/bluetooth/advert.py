"""What is in the air: an advertisement as its bytes, so that the patterns of a passive scan can be held against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dbus_fast import Variant

BLUETOOTH_BASE = "-0000-1000-8000-00805f9b34fb"
GENERAL_DISCOVERABLE = 0x06
"""The flags that nearly every beacon sends."""

Pattern = Sequence[int | bytes]
"""Where in a structure of which type which bytes must stand."""


@dataclass(frozen=True, slots=True)
class Advert:
    """One advertisement; `services` are by their full UUIDs in small letters."""

    rssi: int = -60
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)
    services: Mapping[str, bytes] = field(default_factory=dict)
    flags: int | None = GENERAL_DISCOVERABLE

    def properties(self) -> dict[str, Variant]:
        """What BlueZ says of it."""
        told = {"RSSI": Variant("n", self.rssi)}
        if self.manufacturer:
            data = {company: Variant("ay", value) for company, value in self.manufacturer.items()}
            told["ManufacturerData"] = Variant("a{qv}", data)
        if self.services:
            data_of = {uuid: Variant("ay", value) for uuid, value in self.services.items()}
            told["ServiceData"] = Variant("a{sv}", data_of)
        return told

    def matches(self, patterns: Sequence[Pattern]) -> bool:
        """Whether one of the patterns is in it."""
        structures = list(self._structures())
        return any(_stands(pattern, kind, data) for pattern in patterns for kind, data in structures)

    def _structures(self) -> Iterator[tuple[int, bytes]]:
        """Its parts as they are sent, each a type (of Bluetooth's assigned numbers) and bytes."""
        if self.flags is not None:
            yield 0x01, bytes([self.flags])
        for company, data in self.manufacturer.items():
            yield 0xFF, company.to_bytes(2, "little") + data
        for uuid, data in self.services.items():
            if uuid.endswith(BLUETOOTH_BASE):
                yield 0x16, int(uuid[4:8], 16).to_bytes(2, "little") + data
            else:
                yield 0x21, bytes.fromhex(uuid.replace("-", ""))[::-1] + data


def _stands(pattern: Pattern, kind: int, data: bytes) -> bool:
    start, wanted, content = pattern
    content = bytes(content) if not isinstance(content, int) else b""
    return kind == wanted and isinstance(start, int) and data[start : start + len(content)] == content

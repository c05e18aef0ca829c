"""Numbers as devices send them, packed one by one."""

from gatewayd_plugins.modbus.fields.numbers import NumberType

CODES = {
    NumberType.INT16: "h",
    NumberType.UINT16: "H",
    NumberType.INT32: "i",
    NumberType.UINT32: "I",
    NumberType.INT64: "q",
    NumberType.UINT64: "Q",
    NumberType.FLOAT16: "e",
    NumberType.FLOAT32: "f",
    NumberType.FLOAT64: "d",
}
"""What `struct` calls each type that it knows."""


def arranged(number, order):
    """The bytes of a big-endian number as a device with that byte order sends them."""
    words = [number[n : n + 2] for n in range(0, len(number), 2)]
    if order in {"DCBA", "CDAB"}:
        words.reverse()
    if order in {"DCBA", "BADC"}:
        words = [word[::-1] for word in words]
    return b"".join(words)

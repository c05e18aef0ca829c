"""Numbers as devices send them, packed one by one."""

from gatewayd_plugins.modbus.fields import NumberType

CODES = dict(zip(list(NumberType)[1:], "hHiIqQfd", strict=True))
"""What `struct` calls each type."""


def arranged(number, order):
    """The bytes of a big-endian number as a device with that byte order sends them."""
    words = [number[n : n + 2] for n in range(0, len(number), 2)]
    if order in {"DCBA", "CDAB"}:
        words.reverse()
    if order in {"DCBA", "BADC"}:
        words = [word[::-1] for word in words]
    return b"".join(words)

"""Whether what is read of a slave of modbus_rtu is true."""

import asyncio

PATIENCE = 20.0

RIGHT = {"good", "noise before", "echo", "echo apart", "split", "twice", "exception"}
"""Faults that do not keep a device from being read."""
CHANNELS = {"number": "holding:0", **{f"h{n}": f"holding:{n}" for n in range(100, 110)}, "i200": "input:200"}
ALIKE = {"number": "holding:0", "h300": "holding:300", "h600": "holding:600", "h900": "holding:900"}
"""All requests have answers of one size, so that nothing in an answer tells which it belongs to."""


async def read(reader, slave, unit=1):
    """One read: every value is that of the very request that was sent for it, or there is a reason."""
    values = await reader.values()
    if isinstance(values, str):
        return None
    for name, value in values.items():
        if isinstance(value, str):
            assert "exception" in value or "no answer to this one" in value
        elif name == "number":
            assert value == last_asked(slave, unit), "an old value"
        else:
            assert value == 1000 * unit + int(name[1:]), "a value of another register"
    return values


def last_asked(slave, unit):
    """The number of the last request for register 0."""
    return max(n for n, each in enumerate(slave.requests, 1) if each[:4] == bytes([unit, 3, 0, 0]))


async def read_until_good(reader, slave):
    """Read until there are values: on a busy machine a device that is well exceeds the shortest time-outs, too."""
    async with asyncio.timeout(PATIENCE):
        while not (values := await read(reader, slave)):
            await asyncio.sleep(0.001)
    return values

"""Atheris' target: packets of numbered bursts, lost, twice, late and in any order, with rubbish between them.

Each two bytes of the input are a step: which packet comes (or that rubbish comes) and after how long. A burst that is
said to be whole must be one that was sent. Use: like fuzz_advertisements.py
"""

import struct
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=[f"gatewayd_plugins.ble.connections.{name}" for name in ("bursts", "packets")]):
    from gatewayd_plugins.ble.connections.bursts import SECOND, Gathering
    from gatewayd_plugins.ble.connections.packets import Counter, Layout
    from gatewayd_plugins.ble.numbers.types import NumberType

INDEX, NUMBER = (Counter(at, NumberType.UINT8, "little") for at in (0, 1))
NUMBERED = Layout(20, NumberType.INT16, at=2, index=INDEX, burst=NUMBER)
BURSTS = [tuple(100 * number + value for value in range(20)) for number in range(40)]
PACKETS = [
    bytes([place, number]) + struct.pack("<4h", *values[4 * place : 4 * place + 4])
    for number, values in enumerate(BURSTS)
    for place in range(5)
]
TIMEOUT = 2.0


def one(data):
    """Judge one input."""
    any_layout = Gathering(Layout(9, NumberType.UINT24, at=1, step=2, index=INDEX), TIMEOUT)
    gathering, now = Gathering(NUMBERED, TIMEOUT), 0
    for which, after in zip(data[::2], data[1::2], strict=False):
        now += after * SECOND // 100
        if which < len(PACKETS):
            gathering.packet(PACKETS[which], now)
            any_layout.packet(PACKETS[which][: after % 12], now)
        else:
            gathering.packet(bytes([which, after])[: which % 4], now)
    gathering.begin()
    any_layout.begin()
    for burst in gathering.take(now):
        assert burst.missing or tuple(burst.values) in BURSTS, burst
    for burst in any_layout.take(now):
        assert burst.missing or len(burst.values) == 9, burst


if __name__ == "__main__":
    if sys.argv[1] == "seeds":
        for number in range(8):
            right = bytes(byte for place in range(5) for byte in (5 * number + place, 1))
            Path(sys.argv[2], str(number)).write_bytes(right)
        sys.exit()
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()

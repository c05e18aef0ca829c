"""Atheris' target: bytes as what a device advertises. The first byte chooses the decoder, the second what is done.

Use: fuzz_advertisements.py seeds FOLDER, then fuzz_advertisements.py -runs=100000 FOLDER
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gatewayd_plugins.ble.decoders", "gatewayd_plugins.ble.numbers.number"]):
    import ble_packets


def one(data):
    """Judge one input."""
    if len(data) < 2:
        return
    which, packets = data[0] % len(ble_packets.MAKERS), data[2:]
    if data[1] < 192:
        ble_packets.check_decoder(which, packets)
    else:
        size = data[1] % 32 + 16
        ble_packets.check_listener(which, [packets[at : at + size] for at in range(0, len(packets), size)])


if __name__ == "__main__":
    if sys.argv[1] == "seeds":
        for number, (which, right) in enumerate(ble_packets.RIGHT):
            Path(sys.argv[2], str(number)).write_bytes(bytes([which, 0]) + bytes.fromhex(right))
        sys.exit()
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()

"""Atheris' target: bytes in reply to a Modbus request, and bytes as the memory of a device.

The first byte chooses framing and request, the second how the rest is cut.

Use: fuzz_modbus_replies.py seeds FOLDER, then fuzz_modbus_replies.py -runs=100000 FOLDER
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gatewayd_plugins.modbus", "pymodbus.framer", "pymodbus.pdu"]):
    import modbus_replies

    from gatewayd_plugins.modbus.learning import memory
    from gatewayd_plugins.modbus.learning.experience import DAY, Experience
    from gatewayd_plugins.modbus.learning.silence import Patience
    from gatewayd_plugins.modbus.wire.address import Framing

FRAMINGS = list(Framing)


def one(data):
    """Judge one input."""
    if len(data) < 2:
        return
    choice, cut, came = data[0], data[1], data[2:]
    if choice >= 240:
        remember(came)
        return
    framing = FRAMINGS[choice % len(FRAMINGS)]
    request = modbus_replies.REQUESTS[choice // len(FRAMINGS) % len(modbus_replies.REQUESTS)]
    modbus_replies.check(framing, request, [came[:cut], came[cut:]])


def remember(came):
    """Whatever is recalled, what is believed ends within a day."""
    experience, patience = Experience(), Patience(1.0)
    memory.recall(came, experience, patience, 0.0)
    assert 0 <= patience.slowest <= 60
    for each in (*experience.values.values(), *experience.holes.values(), *experience.bounds.values()):
        assert 0 <= each.until <= DAY
    assert len(memory.remembered(experience, patience, 0.0)) <= 64 * 1024


def seeds():
    """Right answers, refusals and a memory, for each framing and request."""
    for number, framing in enumerate(FRAMINGS):
        for request_number, request in enumerate(modbus_replies.REQUESTS):
            choice = bytes([number + len(FRAMINGS) * request_number, 5])
            yield choice + modbus_replies.right(request).framed(framing)
            yield choice + modbus_replies.Reply(b"\x02", function=request.table | 0x80).framed(framing)
    experience = Experience()
    experience.refused(modbus_replies.REQUESTS[0], 2, 0.0)
    experience.barred(modbus_replies.REQUESTS[1], 2, 0.0)
    experience.bounded(modbus_replies.REQUESTS[0].table, 60, 0.0)
    yield bytes([250, 0]) + memory.remembered(experience, Patience(1.0), 0.0)


if __name__ == "__main__":
    if sys.argv[1] == "seeds":
        for number, seed in enumerate(seeds()):
            Path(sys.argv[2], str(number)).write_bytes(seed)
        sys.exit()
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()

"""ASCII, on a serial port and over TCP: whatever the slave does, a value is right or there is none."""

import functools

from hypothesis import given
from hypothesis import strategies as st
from modbus_ascii import FAULTS, AsciiSlave, framed
from modbus_rtu import on_converter, on_pty
from modbus_source import configured, reading, together
from modbus_truth import ALIKE, CHANNELS, RIGHT, read, read_until_good
from simulated import simulated_with_sockets

from gatewayd_plugins.modbus.wire.frames import begin_of_ascii, begin_of_rtu
from gatewayd_plugins.modbus.wire.url import parse

LINES = [
    functools.partial(on_pty, scheme="ascii", settings="baudrate=115200&parity=N&bytesize=8"),  # all that a pty knows
    functools.partial(on_converter, scheme="ascii"),
]


async def test_no_fault_ever_gives_a_wrong_value():
    async def suffer(line, fault):
        slave = AsciiSlave(unit1=fault)
        is_right = fault in {*RIGHT, "lower case"}
        timeout = "3s" if is_right else "60ms"
        async with line(slave) as url, reading(configured(url, CHANNELS, timeout=timeout)) as reader:
            good = [await read(reader, slave) for _ in range(3)]
            # The end of a flood may be understood; what is late on a busy machine is not: see the test below.
            assert any(good) == is_right or fault in {"flood", "late"}, (line, fault)
            slave.modes[1] = "good"
            await read_until_good(reader, slave)

    await together(suffer(line, fault) for line in LINES for fault in FAULTS)


@simulated_with_sockets
async def test_a_device_that_is_always_later_than_the_time_out_never_gives_a_value():
    async def be_late(line, lateness):
        slave = AsciiSlave(unit1=lambda _request, answer: [lateness, answer])
        async with line(slave) as url, reading(configured(url, ALIKE, timeout="20ms")) as reader:
            assert [await read(reader, slave) for _ in range(10)] == [None] * 10

    await together(be_late(line, lateness) for line in LINES for lateness in (0.03, 0.07, 0.15, 0.3))


async def test_the_longest_answer_is_read_also_by_an_adapter_that_hears_itself():
    channels = {f"h{n}": f"holding:{n}" for n in range(1, 126)}
    slave = AsciiSlave(unit1="echo")
    async with LINES[0](slave) as url, reading(configured(url, channels, timeout="3s")) as reader:
        assert await read(reader, slave) == {name: 1000 + int(name[1:]) for name in channels}
    assert len(slave.requests) == 1


def test_what_an_ascii_frame_takes_on_the_line():
    """Its begin, unit, function, 2 bytes and check by two characters each, its end; of 10 bits each."""
    address = parse("ascii:/dev/ttyS0?baudrate=9600")
    assert len(framed(b"\x01\x03\x00\x00")) == 13
    assert address.wire_time(4 + 2) == 13 * 10 / 9600
    assert address.gap == 0


@given(st.binary(max_size=40), st.binary(min_size=2, max_size=20), st.binary(max_size=40))
def test_wherever_an_answer_may_begin_it_is_within_what_came(before, body, after):
    sent = framed(body + b"\0\0")
    for data in (before, before + framed(body + b"\1\1") + after, sent + before):
        begin = begin_of_ascii(sent, data)
        assert begin is None or data[begin : begin + 5].upper() == sent[:3] + data[begin + 3 : begin + 5].upper()
        begin = begin_of_rtu(body, data)
        assert begin is None or data[begin] == body[0]

"""Writing: what may be set, what goes over the wire, and that it is looked whether it was done."""

import struct

import pytest
from modbus_ascii import AsciiSlave
from modbus_rtu import Slave, on_converter, on_pty
from modbus_server import UNIT, ascii_on_tcp, on_serial, on_tcp, rtu_on_tcp
from modbus_source import configured, reading, refused
from modbus_tcp import Asked

from gatewayd.plugin import SourceError
from gatewayd.testing import serving
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.wire.writes import write_request

CHANNELS = {
    "speed": {"register": "holding:10", "scale": 0.1, "write": [0, 50], "unit": "Hz"},
    "level": {"register": "holding:20", "type": "float32", "byte_order": "CDAB", "write": [-1, 5]},
    "total": {"register": "holding:30", "type": "mod10k64", "write": [0, 1e12]},
    "valve": {"register": "coil:4", "write": [0, 1]},
    "plain": "holding:40",
}
VALUES = {"speed": 49.9, "level": -0.75, "total": 123456789, "valve": 1}


def device(url="tcp://127.0.0.1", **options):
    return configured(url, CHANNELS, unit=UNIT, **{"timeout": "3s", **options})


@pytest.mark.parametrize("multiple", [False, True])
@pytest.mark.parametrize("connected", [on_tcp, rtu_on_tcp, ascii_on_tcp, lambda: on_serial("rtu")])
async def test_what_is_written_is_read_again(connected, multiple):
    async with connected() as url, reading(device(url, write_multiple=multiple)) as reader:
        for value in (1.0, 0.0):
            for name, most in VALUES.items():
                await reader.source.write(name, value * most)
            written = {name: pytest.approx(value * most) for name, most in VALUES.items()}
            assert await reader.values() == {**written, "plain": 40.0}


def test_channels_that_may_be_set_say_within_which_limits():
    limits = {each.name: each.writable for each in device().declare()}
    assert limits == {"speed": (0, 50), "level": (-1, 5), "total": (0, 1e12), "valve": (0, 1), "plain": None}


@pytest.mark.parametrize(
    ("data", "table", "multiple", "function", "bodies"),
    [
        (b"\x01", Table.COIL, False, 5, "00AC FF00 -> 00AC FF00"),
        (b"\x00", Table.COIL, False, 5, "00AC 0000 -> 00AC 0000"),
        (b"\x01", Table.COIL, True, 15, "00AC 0001 01 01 -> 00AC 0001"),
        (b"\x00\x03", Table.HOLDING, False, 6, "00AC 0003 -> 00AC 0003"),
        (b"\x00\x03", Table.HOLDING, True, 16, "00AC 0001 02 0003 -> 00AC 0001"),
        (b"\x00\x0a\x01\x02", Table.HOLDING, False, 16, "00AC 0002 04 000A0102 -> 00AC 0002"),
    ],
)
def test_requests_are_those_of_the_specification(data, table, multiple, function, bodies):
    request = write_request(table, 0xAC, data, multiple=multiple)
    assert request.table == function
    assert [request.body, request.confirmation] == [bytes.fromhex(each) for each in bodies.split(" -> ")]


@pytest.mark.parametrize("slave_type", [Slave, AsciiSlave])
@pytest.mark.parametrize("echo", [False, True])
async def test_an_adapter_that_hears_itself_is_not_taken_for_the_device_that_confirms(slave_type, echo):
    """The confirmation of a single register is like the request."""
    held = [b"\x00\x01"]

    def mode(request, answer):
        if request[1] == 6:
            held.append(request[4:6])
            answer = slave.framed(request[:6])
        else:
            answer = slave.framed(bytes([UNIT, 3, 2]) + held[-1])
        own = [slave.framed(request[:6]), 0.02] if echo else []
        return [*own, answer]

    slave = slave_type(**{f"unit{UNIT}": mode})
    line = on_pty(slave) if slave_type is Slave else on_converter(slave, "ascii")
    async with line as url, reading(device(url, timeout="1s")) as reader:
        await reader.bus.open()
        await reader.source.write("speed", 20.0)
        assert [request[1] for request in slave.requests] == [3, 6, 3]
        slave.modes[UNIT] = lambda request, _answer: [slave.framed(request[:6])] * echo
        with pytest.raises(SourceError, match=r"no (valid )?answer within"):
            await reader.source.write("speed", 20.0)


# --- devices that do not do it ------------------------------------------------------------------------------------


async def told(answer, channel="speed", value=20.0, **options):
    """What is said when a device answers so: `answer(function, address, rest of the request)` gives what follows it."""

    async def serve(reader, writer):
        while head := await reader.read(7):
            transaction, _, length, unit = struct.unpack(">HHHB", head)
            body = await reader.readexactly(length - 1)
            asked = Asked(transaction, unit, body[0], int.from_bytes(body[1:3], "big"), 0)
            given = answer(asked.function, asked.address, body[3:])
            if given is not None:
                writer.write(asked.answer(body=given))

    async with serving(serve) as port, reading(device(f"tcp://127.0.0.1:{port}", **options)) as reader:
        await reader.bus.open()
        with pytest.raises(SourceError) as caught:
            await reader.source.write(channel, value)
    return str(caught.value)


def holding(value, function, address, rest):
    """A device that confirms, and holds another value."""
    if function == 3:
        return b"\x03\x02" + value.to_bytes(2, "big")
    return bytes([function]) + address.to_bytes(2, "big") + rest


async def test_a_device_that_refuses_is_told_in_words():
    assert await told(lambda function, *rest: holding(0, function, *rest) if function == 3 else b"\x86\x03") == (
        "the device does not let speed be set: exception 3: illegal data value"
    )


async def test_a_device_that_holds_something_else_is_told_with_both(monkeypatch):
    monkeypatch.setattr("gatewayd_plugins.modbus.writing.setting.BETWEEN_LOOKS", 0.01)
    assert await told(lambda *asked: holding(150, *asked)) == "speed was written as 0x00c8, but reads 0x0096"


async def test_a_device_that_takes_over_late_has_done_it(monkeypatch):
    monkeypatch.setattr("gatewayd_plugins.modbus.writing.setting.BETWEEN_LOOKS", 0.01)
    held = [150, 150, 200]
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await told(lambda function, *rest: holding(held.pop(0) if function == 3 else 0, function, *rest))
    assert held == []


async def test_a_device_that_confirms_something_else_has_not_done_it():
    assert await told(lambda function, *_rest: holding(0, function, 11, b"\0\0")) == (
        "the device confirms that something else was written"
    )


async def test_a_device_that_is_silent_may_not_have_done_it():
    assert await told(lambda *_asked: None, timeout="50ms") == "no answer within 0.05 s"


async def test_what_cannot_be_read_is_not_written():
    asked = []
    assert await told(lambda function, *_rest: asked.append(function) or b"\x83\x02") == (
        "speed is not written, as it cannot be read: exception 2: illegal data address"
    )
    assert asked == [3]


async def test_what_can_no_longer_be_read_is_not_known_to_be_done():
    answers = [holding(0, 3, 0, b""), None, b"\x83\x04"]
    assert await told(lambda *asked: answers.pop(0) or holding(0, *asked)) == (
        "speed was written, but cannot be read: exception 4: device failure"
    )


@pytest.mark.parametrize(
    ("channel", "value", "why"),
    [
        ("plain", 1.0, "plain cannot be written"),
        ("nothing", 1.0, "nothing cannot be written"),
        ("speed", 20.05, "20.05 lies between two steps, 20 and 20.1"),
        ("valve", 0.5, "0.5 lies between two steps, 0 and 1"),
    ],
)
async def test_what_cannot_be_written_is_not_sent(channel, value, why):
    assert await told(lambda *_asked: pytest.fail("it was asked"), channel, value) == why


# --- what may not be declared -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"register": "input:0"}, "the input table can only be read"),
        ({"register": "discrete:0", "write": [0, 1]}, "the discrete table can only be read"),
        ({"bit": 3, "write": [0, 1]}, "a part of a register cannot be set alone"),
        ({"bits": "0..3"}, "a part of a register cannot be set alone"),
        ({"type": "uint8", "byte": "low"}, "a part of a register cannot be set alone"),
        ({"type": "string", "length": 4, "values": {"A": 1}}, "texts cannot be written"),
        ({"write": [5, 5]}, "5 to 5 is no range"),
        ({"write": [50, 0]}, "50 to 0 is no range"),
        ({"write": [0, 65536]}, "65536 does not fit: uint16 holds 0 to 65535"),
        ({"write": [-1, 10]}, "-1 does not fit"),
        ({"write": [0, 50.05], "scale": 0.1}, "50.05 lies between two steps"),
        ({"write": [0, 32767], "type": "int16", "absent": 32767}, "32767 would mean: no sensor (code 32767)"),
        ({"write": [0, 1], "count": 8, "rate": 1.0}, "write is for single values"),
    ],
)
def test_limits_that_mean_nothing_are_refused(options, what):
    error = refused(channels={"x": {"register": "holding:0", "write": [0, 10], **options}})
    assert error.option == ("channels", "x", "write")
    assert what in error.what
    assert error.fix

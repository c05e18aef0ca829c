"""Modbus TCP: a good server of another make, and a device that sends whatever breaks the rules."""

import asyncio
import gc
import logging
import os
import struct
from pathlib import Path

import pytest
from modbus_source import configured, reading, together
from modbus_tcp import tcp_device
from ports import free_port
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from simulated import simulated_with_sockets

from gatewayd.plugin import Quality, SourceError

TWO = {"h5": "holding:5", "h6": "holding:6"}
RIGHT = {"h5": 5.0, "h6": 6.0}


def sockets():
    """Those that this process has."""
    return {name for fd in Path("/proc/self/fd").iterdir() if "socket" in (name := os.path.realpath(fd))}


async def once(answer, channels=TWO, wait="1s", **options):
    """What one poll of a device gives."""
    async with tcp_device(answer) as url, reading(configured(url, channels, timeout=wait, **options)) as reader:
        return await reader.values()


# --- a good server ------------------------------------------------------------------------------------------------


async def test_all_four_tables_of_a_server_are_read():
    coils = SimData(0, values=[False, True] * 8, datatype=DataType.BITS)
    discrete = SimData(0, values=[True, True, False, False] * 4, datatype=DataType.BITS)
    holding = SimData(
        100, values=list(struct.unpack(">4H", struct.pack(">ff", 1.5, -2.25))), datatype=DataType.REGISTERS
    )
    inputs = SimData(10, values=[0xFF38, 0x0104], datatype=DataType.REGISTERS)
    server = ModbusTcpServer(SimDevice(3, ([coils], [discrete], [holding], [inputs])), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    port = server.transport.sockets[0].getsockname()[1]
    channels = {
        "pressure": {"register": "holding:100", "type": "float32"},
        "flow": {"register": "holding:0x66", "type": "float32", "scale": 2.0, "offset": 1.0},
        "temp": {"register": "input:10", "type": "int16", "scale": 0.1},
        "valve": {"register": "input:11", "bit": 2},
        "pump": {"register": "input:11", "bit": 8},
        "off": {"register": "input:11", "bit": 9, "type": "bool"},
        "coil0": "coil:0",
        "coil3": {"register": "coil:3", "type": "bool"},
        "discrete1": "discrete:1",
        "discrete2": "discrete:2",
    }
    try:
        async with reading(configured(f"tcp://127.0.0.1:{port}", channels, unit=3)) as reader:
            block = await reader.block()
    finally:
        await server.shutdown()
    assert block.channels == tuple(channels) == reader.polls[0].channels
    assert block.qualities is None
    assert block.values.tolist() == [1.5, -3.5, -20.0, 1, 1, 0, 0, 1, 1, 0]


# --- devices that break the rules ---------------------------------------------------------------------------------

BROKEN = {
    "wrong count": lambda asked: asked.answer(body=b"\x03\x02\x00\x05"),
    "count beside the bytes": lambda asked: asked.answer(body=b"\x03\x02\x00\x05\x00\x06"),
    "more than its count": lambda asked: asked.answer(body=b"\x03\x04\x00\x05\x00\x06\x00\x07"),
    "fewer than its count": lambda asked: asked.answer(body=b"\x03\x04\x00\x05"),
    "no values": lambda asked: asked.answer(body=b"\x03"),
    "no body": lambda asked: asked.answer(body=b""),
    "wrong unit": lambda asked: asked.answer(unit=asked.unit + 1),
    "wrong transaction": lambda asked: asked.answer(transaction=asked.transaction + 1),
    "no transaction": lambda asked: asked.answer(transaction=0),
    "wrong protocol": lambda asked: asked.answer(protocol=7),
    "wrong function": lambda asked: asked.answer(function=4),
    "unknown function": lambda asked: asked.answer(function=99),
    "a write confirmed": lambda asked: asked.answer(body=b"\x06\x00\x05\x00\x06"),
    "another's exception": lambda asked: asked.answer(body=b"\x84\x02"),
    "half an exception": lambda asked: asked.answer(body=b"\x83"),
    "short length": lambda asked: asked.answer(length=3),
    "long length": lambda asked: asked.answer(length=60000),
    "rubbish": lambda _asked: bytes(range(1, 200)),
    "a flood": lambda _asked: bytes(5000),
    "text": lambda _asked: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "nothing": lambda _asked: b"",
    "hangs up": lambda _asked: None,
}


@simulated_with_sockets
async def test_a_device_that_breaks_the_rules_gives_an_error_in_words_and_no_value_and_does_no_harm(library_log):
    async def suffer(how):
        ill = [BROKEN[how]] * 2
        device = tcp_device(lambda asked: ill.pop()(asked) if ill else asked.answer())
        async with device as url, reading(configured(url, TWO, timeout="400ms")) as reader:
            for _ in range(2):
                told = await reader.values()
                assert isinstance(told, str), how
                assert "Modbus Error" not in told, how
            assert await reader.values() == RIGHT, how

    await together(map(suffer, BROKEN))
    assert not [record for record in library_log if record.levelno >= logging.WARNING]


@simulated_with_sockets
async def test_each_way_to_break_the_rules_is_told_apart():
    assert await once(BROKEN["wrong count"]) == "the answer has 2 bytes of values, not 4"
    lies = "the answer says that it has 2 bytes of values, and has 4"
    assert await once(BROKEN["count beside the bytes"]) == lies
    assert await once(BROKEN["no transaction"]) == "the answer belongs to transaction 0, not 1"
    assert await once(BROKEN["wrong function"]) == "the answer has function code 4, not 3"
    assert await once(BROKEN["nothing"], wait="100ms") == "no answer within 0.1 s"
    assert await once(BROKEN["rubbish"], wait="100ms") == "no valid answer within 0.1 s, though 199 bytes came"
    assert (await once(BROKEN["hangs up"])).endswith("was closed by the other end")


async def test_unit_0_is_the_device_itself_and_must_answer_as_such():
    assert await once(lambda asked: asked.answer(), unit=0) == RIGHT
    assert await once(lambda asked: asked.answer(unit=9), unit=0) == "unit 9 answered in place of unit 0"


# --- late, slow, in pieces ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("recovering", [True, False])
@simulated_with_sockets
async def test_a_late_answer_is_not_taken_for_the_next_even_on_the_same_connection(recovering):
    asked = []

    async def device(request):
        if len(asked) == 1:
            await asyncio.sleep(0.15)
        return request.answer()

    async with tcp_device(device, asked) as url:
        late, other = (configured(url, {"h": f"holding:{n}"}, timeout="100ms") for n in (5, 7))
        async with reading(late) as first, reading(other, first.bus) as second:
            with pytest.raises(SourceError, match="no answer within"):
                await late.poll(first.polls[0])
            if recovering:
                await first.bus.recover()
            assert await second.values() == {"h": 7.0}
            assert await first.values() == {"h": 5.0}


async def test_an_answer_may_come_in_pieces():
    async with tcp_device(lambda asked: asked.answer(), pieces=1) as url, reading(configured(url, TWO)) as reader:
        assert await reader.values() == RIGHT


@simulated_with_sockets
async def test_after_a_poll_was_broken_off_the_next_is_right():
    slow = [0.1]

    async def device(request):
        await asyncio.sleep(slow.pop() if slow else 0)
        return request.answer()

    async with tcp_device(device) as url, reading(configured(url, TWO)) as reader:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await reader.block()
        await reader.close()
        assert await reader.values() == RIGHT


# --- refusals -----------------------------------------------------------------------------------------------------


def refusing(code, addresses):
    return lambda asked: (
        asked.answer(body=bytes([0x80 | asked.function, code])) if asked.address in addresses else asked.answer()
    )


async def test_what_a_device_refuses_is_bad_and_the_rest_is_good():
    channels = {"h5": "holding:5", "far": "holding:500", "h6": "holding:6"}
    async with tcp_device(refusing(2, {500})) as url, reading(configured(url, channels)) as reader:
        block = await reader.block()
    assert block.channels == ("h5", "far", "h6")
    assert block.values[[0, 2]].tolist() == [5, 6]
    assert list(block.qualities) == [Quality.GOOD, Quality.BAD, Quality.GOOD]
    assert block.reasons == {"far": "exception 2: illegal data address"}


@pytest.mark.parametrize(
    ("code", "meaning"), [(1, "illegal function"), (4, "device failure"), (6, "device busy"), (77, "unknown")]
)
async def test_a_device_that_refuses_everything_has_answered(code, meaning):
    reason = f"exception {code}: {meaning}"
    assert await once(refusing(code, {5, 6})) == {"h5": reason, "h6": reason}


@pytest.mark.parametrize("code", [10, 11])
async def test_a_gateway_that_speaks_for_a_silent_device_is_no_answer(code):
    assert (await once(refusing(code, {5}))).startswith(f"exception {code}: the ")


# --- the connection -----------------------------------------------------------------------------------------------


async def test_a_refused_connection_is_told_in_words():
    port = free_port()
    async with reading(configured(f"tcp://127.0.0.1:{port}", TWO)) as reader:
        assert await reader.values() == f"cannot open 127.0.0.1:{port}: Connection refused"


async def test_a_host_that_does_not_exist_is_told_in_words():
    async with reading(configured("tcp://no-such-host.invalid", TWO)) as reader:
        assert (await reader.values()).startswith("cannot open no-such-host.invalid:502: ")


async def test_at_no_moment_does_a_dial_that_is_broken_off_leave_a_connection_behind():
    async with tcp_device(lambda asked: asked.answer()) as url:
        source = configured(url, TWO)
        line = source.line()
        source.use(line)
        gc.collect()  # what other tests have left would go one day
        before = sockets()
        for turns in range(50):
            dialling = asyncio.create_task(line.open())
            for _ in range(turns):
                await asyncio.sleep(0)
            broken_off = dialling.cancel()
            await asyncio.wait({dialling})
            await line.close()
            async with asyncio.timeout(10):
                while sockets() - before:
                    await asyncio.sleep(0.001)
            if not broken_off:
                return
    raise AssertionError("the moments were all too early")


async def test_a_device_that_hangs_up_between_polls_is_dialled_again_at_once():
    async with tcp_device(lambda asked: asked.answer(), hang_up=True) as url, reading(configured(url, TWO)) as reader:
        for _ in range(3):
            assert await reader.values() == RIGHT
            await asyncio.sleep(0.01)


@simulated_with_sockets
async def test_an_answer_to_a_connection_before_is_not_taken_for_one_of_this():
    """Converters keep one queue for all connections: what is late comes to whoever is connected."""
    came = []

    def answer(asked):
        came.append(asked)
        match len(came):
            case 1:
                return b""
            case 2:
                return came[0].answer(body=bytes([3, 2, 0, 77]))
        return asked.answer()

    async with tcp_device(answer) as url, reading(configured(url, {"h5": "holding:5"}, timeout="50ms")) as reader:
        assert "no answer" in await reader.values()
        assert "no valid answer within 0.05 s, though 11 bytes came" in await reader.values()
        assert await reader.values() == {"h5": 5}

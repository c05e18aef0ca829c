"""RTU, on a serial port and over TCP: whatever the slave does, a value is right or there is none."""

import asyncio
import itertools
import random

import pytest
from modbus_rtu import FAULTS, LATE, Slave, framed, on_converter, on_pty
from modbus_source import configured, reading, together
from modbus_truth import ALIKE, CHANNELS, RIGHT, read, read_until_good
from pymodbus.client import AsyncModbusSerialClient
from pymodbus.exceptions import ModbusIOException
from simulated import simulated_with_ports, simulated_with_sockets

from gatewayd.plugin import SourceError

LINES = [on_pty, on_converter]


async def test_no_fault_ever_gives_a_wrong_value():
    async def suffer(line, fault):
        slave = Slave(unit1=fault)
        timeout = "3s" if fault in RIGHT else "60ms"
        async with line(slave) as url, reading(configured(url, CHANNELS, timeout=timeout)) as reader:
            good = [await read(reader, slave) for _ in range(5)]
            # What is late on a busy machine is not: see below.
            assert any(good) == (fault in RIGHT) or fault in {"twice apart", "late"}, (line, fault)
            slave.modes[1] = "good"
            await read_until_good(reader, slave)

    await together(suffer(line, fault) for line in LINES for fault in FAULTS)


@simulated_with_sockets
async def test_a_fault_is_told_in_words():
    told = {}

    async def suffer(fault):
        slave = Slave(unit1=fault)
        async with on_converter(slave) as url, reading(configured(url, {"h1": "holding:1"}, timeout="50ms")) as reader:
            told[fault] = await reader.values()

    await together(suffer(fault) for fault in ["silent", "bad crc", "wrong unit", "exception", "wrong length"])
    assert told == {
        "silent": "no answer within 0.05 s",
        "bad crc": "no valid answer within 0.05 s, though 7 bytes came",
        "wrong unit": "no valid answer within 0.05 s, though 7 bytes came",
        "exception": {"h1": "exception 2: illegal data address"},
        "wrong length": "the answer has 0 bytes of values, not 2",
    }


# --- late answers -------------------------------------------------------------------------------------------------


@simulated_with_ports
async def test_bare_pymodbus_gives_wrong_values_after_one_late_answer():
    """So the tests below can fail."""
    slave = Slave(unit1="late")
    async with on_pty(slave) as url:
        client = AsyncModbusSerialClient(url[4:].split("?")[0], timeout=LATE * 0.7, retries=0)
        await client.connect()
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(300, device_id=1)
        slave.modes[1] = "good"
        given = await client.read_holding_registers(600, device_id=1)
        client.close()
    assert given.registers == [1300]


@simulated_with_sockets
async def test_a_device_that_is_always_later_than_the_time_out_never_gives_a_value():
    async def be_late(line, lateness):
        slave = Slave(unit1=lambda _request, answer: [lateness, answer])
        async with line(slave) as url, reading(configured(url, ALIKE, timeout="20ms")) as reader:
            assert [await read(reader, slave) for _ in range(10)] == [None] * 10

    await together(be_late(line, lateness) for line in LINES for lateness in (0.03, 0.05, 0.07, 0.1, 0.15, 0.3))


async def test_answers_that_come_when_the_line_is_in_use_again_are_not_taken_for_others():
    async def come_back(line, failures):
        slave = Slave(unit1=lambda _request, answer: [0.15, answer])
        async with line(slave) as url, reading(configured(url, ALIKE, timeout="50ms")) as reader:
            assert [await read(reader, slave) for _ in range(failures)] == [None] * failures
            slave.modes[1] = "good"
            await read_until_good(reader, slave)

    await together(come_back(line, failures) for line in LINES for failures in range(1, 6))


@pytest.mark.parametrize("line", LINES)
async def test_a_poll_that_is_broken_off_leaves_nothing_behind(line):
    slave = Slave(unit1=lambda _request, answer: [0.08, answer])
    async with line(slave) as url, reading(configured(url, ALIKE, timeout="60ms")) as reader:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await reader.block()
            await reader.close()
        slave.modes[1] = "good"
        await read_until_good(reader, slave)


@simulated_with_sockets
async def test_a_device_that_refuses_to_be_asked_otherwise_is_read_again_at_once():
    def strict(request, answer):
        return [answer] if request[5] == 1 else FAULTS["exception"](request, answer)

    slave = Slave(unit1="silent")
    async with on_converter(slave) as url, reading(configured(url, {"h7": "holding:7"}, timeout="200ms")) as reader:
        assert await read(reader, slave) is None
        slave.modes[1] = strict
        assert await read(reader, slave) == {"h7": 1007}
        assert [request[5] for request in slave.requests] == [1, 2, 1]
        assert await read(reader, slave) == {"h7": 1007}
        assert len(slave.requests) == 4


@simulated_with_sockets
async def test_exceptions_while_an_earlier_one_may_still_come_are_no_answers():
    slave = Slave(unit1="silent")
    async with on_converter(slave) as url, reading(configured(url, {"h7": "holding:7"}, timeout="200ms")) as reader:
        assert await read(reader, slave) is None
        slave.modes[1] = "exception"
        assert await reader.values() == "exception 2: illegal data address, perhaps to an earlier request"
        slave.modes[1] = "good"
        assert await read(reader, slave) == {"h7": 1007}


@simulated_with_sockets
async def test_where_no_other_request_is_possible_time_must_pass(monkeypatch):
    monkeypatch.setattr("gatewayd_plugins.modbus.wire.doubt.LATEST", 0.6)
    slave = Slave(unit1="silent")
    async with (
        on_converter(slave) as url,
        reading(configured(url, {"h65535": "holding:65535"}, timeout="200ms")) as reader,
    ):
        assert await reader.values() == "no answer within 0.2 s"
        slave.modes[1] = "good"
        assert await reader.values() == "an answer to an earlier request may still come"
        await asyncio.sleep(0.5)
        assert await reader.values() == {"h65535": (1000 + 65535) % 65536}


class Moody:
    """A slave's mode that is another at each request."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def __call__(self, request, answer):
        mood = self._random.random()
        if mood < 0.85:
            return [answer]
        if mood < 0.9:
            return []
        kind = self._random.choice([answer, answer, framed(bytes([request[0], request[1] | 0x80, 6]))])
        return [self._random.uniform(0, 0.12), kind]


@simulated_with_ports
async def test_two_devices_that_are_late_lost_and_busy_at_random_never_give_a_wrong_value():
    good = []

    async def be_moody(line, seed):
        slave = Slave(unit1=Moody(seed), unit2=Moody(seed + 100))
        async with line(slave) as url:
            one, two = (configured(url, ALIKE, unit=unit, timeout="20ms") for unit in (1, 2))
            async with reading(one) as first, reading(two, first.bus) as second:
                for _ in range(10):
                    for unit, reader in enumerate((first, second), 1):
                        good.append(await read(reader, slave, unit))

    await together(be_moody(line, seed) for line in LINES for seed in range(8))
    assert len(list(filter(None, good))) > 50, "most of the time there is a value"


# --- the line -----------------------------------------------------------------------------------------------------


async def test_a_port_that_is_not_there_is_told_in_words():
    async with reading(configured("rtu:/dev/no-such-port", {"a": "coil:0"})) as reader:
        assert await reader.values() == "cannot open /dev/no-such-port: No such file or directory"


async def test_an_adapter_that_is_unplugged_is_found_again(tmp_path):
    port = tmp_path / "ttyUSB0"
    slave = Slave(unit1="good")
    async with reading(configured(f"rtu:{port}", CHANNELS, timeout="300ms")) as reader:
        async with on_pty(slave) as url:
            port.symlink_to(url[4:].split("?")[0])
            await read_until_good(reader, slave)
        port.unlink()
        assert str(port) in await reader.values()
        assert await reader.values() == f"cannot open {port}: No such file or directory"
        async with on_pty(slave) as url:
            port.symlink_to(url[4:].split("?")[0])
            await read_until_good(reader, slave)


async def test_a_converter_that_hangs_up_between_polls_is_dialled_again_at_once():
    slave = Slave(unit1="good")
    async with on_converter(slave) as url, reading(configured(url, CHANNELS, timeout="3s")) as reader:
        await read_until_good(reader, slave)
        slave.hang_up()
        await asyncio.sleep(0.01)
        assert await read(reader, slave)


async def test_between_two_frames_the_line_is_silent_for_as_long_as_the_baud_rate_asks():
    heard = []

    def note(_request, answer):
        heard.append(asyncio.get_running_loop().time())
        return [answer]

    slave = Slave(unit1=note)
    async with on_pty(slave) as fast:
        slow = fast.replace("115200", "1200")
        async with reading(configured(slow, ALIKE, timeout="300ms")) as reader:
            await read_until_good(reader, slave)
    assert min(later - earlier for earlier, later in itertools.pairwise(heard)) >= 3.5 * 11 / 1200


async def test_a_line_without_a_single_byte_is_opened_anew():
    slave = Slave()
    async with on_pty(slave) as url, reading(configured(url, {"a": "holding:1"}, timeout="20ms")) as reader:
        states = []
        for _ in range(4):
            await reader.values()
            states.append(reader.is_open)
    assert states == [True, True, False, True]


@simulated_with_sockets
async def test_a_line_that_never_becomes_quiet_is_given_up(monkeypatch):
    monkeypatch.setattr("gatewayd_plugins.modbus.wire.bus.NOISE_LIMIT", 0.1)
    slave = Slave(unit1=lambda _request, _answer: [b"\x00" if n % 2 else 0.01 for n in range(1000)])
    async with on_converter(slave) as url, reading(configured(url, {"a": "holding:1"}, timeout="200ms")) as reader:
        with pytest.raises(SourceError, match="no valid answer"):
            await reader.source.poll(reader.polls[0])
        with pytest.raises(SourceError, match="does not become quiet"):
            await reader.bus.recover()

"""Waveforms from a device: their values and their rate, and what becomes of them when it refuses or is silent."""

import struct

import numpy as np
import pytest
from burst_device import SIZE, BurstDevice, BurstSlave, burst_device
from burst_reader import FIRST, RATE, SEQUENCE, bad, behind_converter, burst, on_serial_port, recorded, wave
from hypothesis import given
from hypothesis import strategies as st
from modbus_numbers import CODES, arranged
from modbus_rtu import on_pty
from modbus_source import reading
from modbus_tcp import tcp_device

from gatewayd.plugin import Quality, SourceError
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import ByteOrder
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.reading.decoding import Series

# --- values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [burst_device, on_serial_port, behind_converter])
async def test_a_burst_is_read_block_by_block_and_given_as_one(line):
    async with line() as (device, url), reading(wave(url)) as reader:
        device.hold(1000, FIRST)
        (given,) = await reader.block()
    assert (given.rate, given.time, given.quality) == (6400.0, None, Quality.GOOD)
    assert given.values.dtype == np.float32
    np.testing.assert_array_equal(given.values, (np.array(FIRST) * 0.0048).astype(np.float32))
    assert device.reads == [*((1000 + n, 125) for n in range(0, 1000, 125)), (2000, 24)]


@given(st.sampled_from(list(CODES)), st.sampled_from(ByteOrder), st.data())
def test_numbers_of_all_types_and_orders_are_what_was_packed(number_type, order, data):
    size, code = 2 * number_type.registers, ">" + CODES[number_type]
    raw = data.draw(st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=20))
    scale, offset = data.draw(st.sampled_from([(1.0, 0.0), (-0.5, 0.0), (2.0, 3.0)]))
    field = Field(Table.HOLDING, 0, size // 2, number_type, byte_order=order, scale=scale, offset=offset)
    values = Series(field).decode(b"".join(arranged(each, order) for each in raw))
    with np.errstate(all="ignore"):
        expected = np.array([struct.unpack(code, each)[0] for each in raw], dtype=np.float64) * scale + offset
        expected = expected.astype(values.dtype)
    np.testing.assert_array_equal(values, expected)
    assert values.dtype == (np.float32 if CODES[number_type] in "hHf" and not offset else np.float64)
    assert values.flags.c_contiguous


def test_the_ends_of_a_type_are_right():
    scaled = Field(Table.HOLDING, 0, 1, NumberType.INT16, scale=0.0048)
    ends = Series(scaled).decode(b"\x80\x00\x7f\xff\xff\xff\x00\x01")
    assert ends.tolist() == [np.float32(each) for each in (-157.2864, 157.2816, -0.0048, 0.0048)]
    unsigned = Field(Table.HOLDING, 0, 1, NumberType.UINT16)
    assert Series(unsigned).decode(b"\x80\x00\xff\xff").tolist() == [32768.0, 65535.0]


async def test_long_numbers_are_read_whole():
    numbers = np.linspace(-1, 1, 300)
    async with burst_device() as (device, url):
        device.hold(1000, numbers, "d")
        async with reading(wave(url, type="float64", count=300, scale=1.0)) as reader:
            (given,) = await reader.block()
    np.testing.assert_array_equal(given.values, numbers)
    assert {count % 4 for _, count in device.reads} == {0}


# --- the rate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "held", "hertz"),
    [
        ("holding:990", struct.pack(">H", 25600), 25600.0),
        ({"register": "holding:990", "type": "float32"}, struct.pack(">f", 1562.5), 1562.5),
        ({"register": "holding:990", "scale": 0.1}, struct.pack(">H", 64000), 6400.0),
        ({"register": "holding:990", "type": "uint32", "byte_order": "CDAB"}, struct.pack(">HH", 6400, 1), 71936.0),
    ],
)
async def test_the_device_may_say_its_rate(rate, held, hertz):
    async with recorded(rate=rate) as (device, reader):
        device.hold(RATE, held, "B")
        (given,) = await reader.block()
    assert given.rate == pytest.approx(hertz)
    assert given.quality is Quality.GOOD


@pytest.mark.parametrize(
    ("held", "says"), [(0.0, "0 Hz"), (-5.0, "-5 Hz"), (float("nan"), "nan Hz"), (float("inf"), "inf Hz")]
)
async def test_a_rate_that_is_none_makes_the_burst_bad(held, says):
    async with recorded(rate={"register": "holding:990", "type": "float32"}) as (device, reader):
        device.hold(RATE, [held], "f")
        assert await bad(reader) == f"its rate is {says}"


async def test_the_rate_is_the_one_of_the_burst_that_is_given():
    async with recorded(rate="holding:990", sequence="holding:998") as (device, reader):
        device.registers[RATE] = 1000

        def faster(address):
            if address == 1500:
                device.registers[RATE] = 2000
                device.registers[SEQUENCE] = 1

        device.before_read = faster
        (given,) = await reader.block()
    assert given.rate == 2000


# --- refusals and silence -----------------------------------------------------------------------------------------


async def test_a_block_that_is_refused_makes_the_burst_bad_with_its_place():
    async with recorded() as (device, reader):
        device.refused = {1400}
        assert await bad(reader) == "exception 2: illegal data address, at holding:1375"
        assert len(device.reads) == 4
        device.refused = set()
        assert await burst(reader) == FIRST


async def test_how_long_requests_may_be_is_found_out_when_the_first_one_is_refused():
    async with recorded() as (device, reader):
        device.longest = 100
        assert await bad(reader) == "exception 2: illegal data address, at holding:1000"
        device.reads.clear()
        assert await burst(reader) == FIRST
        assert {count for _, count in device.reads[:-1]} == {100}


async def test_a_wrong_address_in_the_first_block_is_not_taken_for_a_limit():
    async with recorded() as (device, reader):
        device.refused = {1030}
        await bad(reader)
        asked = len(device.reads)
        assert asked < 12
        assert await bad(reader) == "exception 2: illegal data address, at holding:1000"
        assert len(device.reads) == asked + 1, "it is looked into once"
        device.refused = set()
        device.reads.clear()
        assert await burst(reader) == FIRST
        assert device.reads[0] == (1000, 125)


@pytest.mark.parametrize("option", ["ready", "sequence", "rate"])
async def test_what_goes_with_a_burst_may_be_refused_too(option):
    async with recorded(**{option: "holding:998"}) as (device, reader):
        device.refused = {998}
        assert await bad(reader) == f"{option}: exception 2: illegal data address"


async def test_a_burst_that_the_device_does_not_have_to_its_end_is_bad():
    async with burst_device() as (_, url), reading(wave(url, register=f"holding:{SIZE - 1000}")) as reader:
        assert await bad(reader) == f"exception 2: illegal data address, at holding:{SIZE}"


async def test_a_refused_burst_has_not_been_given():
    async with recorded(sequence="holding:998") as (device, reader):
        device.refused = {1400}
        await bad(reader)
        device.refused = set()
        assert await burst(reader) == FIRST


async def test_a_device_that_becomes_silent_in_between_fails_the_poll_and_is_read_again():
    device = BurstDevice()
    device.hold(1000, FIRST)
    slave = BurstSlave(device)
    async with on_pty(slave) as url, reading(wave(url, sequence="holding:998", source={"timeout": "200ms"})) as reader:
        slave.modes[1] = lambda request, answer: [] if request[2:4] == (1375).to_bytes(2, "big") else [answer]
        with pytest.raises(SourceError, match="no answer within"):
            await reader.block()
        slave.modes[1] = "good"
        assert await burst(reader) == FIRST
        assert await burst(reader) is None


@pytest.mark.parametrize("code", [10, 11])
async def test_a_gateway_that_speaks_for_a_silent_device_fails_the_poll(code):
    def refuse(asked):
        return asked.answer(body=bytes([0x83, code])) if asked.address == 1500 else asked.answer()

    async with tcp_device(refuse) as url, reading(wave(url)) as reader:
        with pytest.raises(SourceError, match=f"exception {code}"):
            await reader.block()

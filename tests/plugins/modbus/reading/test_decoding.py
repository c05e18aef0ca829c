"""Decoding: blocks of bytes against numbers that were packed one by one."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_numbers import CODES, arranged
from modbus_source import configured

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import ByteOrder
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.planner import Limits
from gatewayd_plugins.modbus.reading.reading import Reading


def values(fields, memory, limits=None):
    """What is read of a device with these bytes in the holding registers."""
    reading = Reading(fields, limits or Limits())
    answers = [memory[2 * each.address : 2 * (each.address + each.count)] for each in reading.requests]
    block = reading.block(answers)
    assert block.channels == tuple(fields)
    assert block.qualities is None
    return dict(zip(block.channels, block.values.tolist(), strict=True))


def test_the_worked_example_of_the_readme():
    orders = {"ABCD": "42C80000", "DCBA": "0000C842", "BADC": "C8420000", "CDAB": "000042C8"}
    for order, registers in orders.items():
        field = Field(Table.HOLDING, 0, 2, NumberType.FLOAT32, byte_order=ByteOrder(order))
        assert values({"x": field}, bytes.fromhex(registers)) == {"x": 100.0}


def test_the_orders_of_64_bits_are_those_of_32_bits_extended():
    number = bytes(range(1, 9))
    expected = {
        "ABCD": "0102030405060708",
        "DCBA": "0807060504030201",
        "BADC": "0201040306050807",
        "CDAB": "0708050603040102",
    }
    for order, registers in expected.items():
        assert arranged(number, order).hex() == registers
        field = Field(Table.HOLDING, 0, 4, NumberType.UINT64, byte_order=ByteOrder(order))
        assert values({"x": field}, bytes.fromhex(registers)) == {"x": float(0x0102030405060708)}


@given(st.data())
def test_numbers_of_all_types_and_orders_lie_anywhere(data):
    memory, fields, expected, address = bytearray(400), {}, {}, 0
    for n in range(data.draw(st.integers(1, 30))):
        number_type = data.draw(st.sampled_from(list(CODES)))
        order = data.draw(st.sampled_from(ByteOrder))
        address += data.draw(st.integers(0, 3))
        size = 2 * number_type.registers
        raw = data.draw(st.binary(min_size=size, max_size=size))
        (number,) = struct.unpack(">" + CODES[number_type], raw)
        memory[2 * address : 2 * address + size] = arranged(raw, order)
        fields[f"c{n}"] = Field(Table.HOLDING, address, number_type.registers, number_type, byte_order=order)
        expected[f"c{n}"] = float(number)
        address += number_type.registers
    shuffled = dict(data.draw(st.permutations(list(fields.items()))))
    limits = Limits(data.draw(st.integers(4, 125)), data.draw(st.integers(0, 5)))
    given_values = values(shuffled, bytes(memory), limits)
    for name, number in expected.items():
        assert given_values[name] == number or (math.isnan(number) and math.isnan(given_values[name]))


@given(st.integers(0, 65535), st.sampled_from(ByteOrder))
def test_bits_of_a_register_are_those_of_its_number(number, order):
    memory = arranged(number.to_bytes(2, "big"), order)
    fields = {f"b{n}": Field(Table.HOLDING, 0, 1, NumberType.UINT16, n, order) for n in (*range(15, -1, -1),)}
    fields["whole"] = Field(Table.HOLDING, 0, 1, NumberType.UINT16, byte_order=order)
    expected = {name: float(number >> int(name[1:]) & 1) for name in fields if name != "whole"}
    assert values(fields, memory) == {**expected, "whole": number}


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 30), st.data())
def test_bits_of_coils_lie_from_the_right_in_each_byte(bits, first, data):
    chosen = data.draw(st.lists(st.integers(0, len(bits) - 1), min_size=1, unique=True))
    fields = {f"c{n}": Field(Table.COIL, first + n, 1, NumberType.BOOL) for n in chosen}
    reading = Reading(fields, Limits())
    (request,) = reading.requests
    asked = bits[request.address - first :][: request.count]
    answer = bytes(sum(bit << n for n, bit in enumerate(asked[begin : begin + 8])) for begin in range(0, len(asked), 8))
    assert reading.block([answer]).values.tolist() == [float(bits[n]) for n in chosen]


def test_scale_and_offset_are_applied_to_each_channel_for_itself():
    fields = {
        "plain": Field(Table.HOLDING, 0, 1, NumberType.INT16),
        "scaled": Field(Table.HOLDING, 0, 1, NumberType.INT16, scale=0.5),
        "shifted": Field(Table.HOLDING, 0, 1, NumberType.INT16, offset=-273.0),
        "both": Field(Table.HOLDING, 0, 1, NumberType.INT16, scale=-2.0, offset=1.0),
    }
    assert values(fields, struct.pack(">h", -7)) == {"plain": -7, "scaled": -3.5, "shifted": -280, "both": 15}


@pytest.mark.parametrize("scale", [1.0, 1e300])
def test_numbers_that_are_none_pass_silently_for_the_engine_to_judge(scale):
    patterns = {"nan": "7ff8", "signalling": "7ff4", "inf": "7ff0", "minus": "fff0", "huge": "7fef"}
    memory = b"".join(
        bytes.fromhex(each) + bytes(5) + b"\x01" * (each == "7ff4") + bytes(each != "7ff4")
        for each in patterns.values()
    )
    fields = {name: Field(Table.HOLDING, 4 * n, 4, NumberType.FLOAT64, scale=scale) for n, name in enumerate(patterns)}
    given_values = values(fields, memory)
    assert math.isnan(given_values["nan"])
    assert math.isnan(given_values["signalling"])
    assert given_values["inf"] == math.inf
    assert given_values["minus"] == -math.inf
    assert given_values["huge"] > 1e300


def test_signalling_nans_of_32_bits_pass_silently():
    field = Field(Table.HOLDING, 0, 2, NumberType.FLOAT32)
    assert math.isnan(values({"x": field}, bytes.fromhex("7fa00000"))["x"])


def test_a_block_is_not_changed_by_the_next_one():
    reading = Reading({"x": Field(Table.HOLDING, 0, 1, NumberType.INT16)}, Limits())
    one, two = reading.block([b"\x00\x01"]), reading.block([b"\x00\x02"])
    assert (one.values.tolist(), two.values.tolist()) == ([1.0], [2.0])
    assert one.values.dtype == np.float64


def test_integers_are_exact_up_to_two_to_the_53():
    for number, exact in ((2**53, True), (2**53 + 1, False)):
        field = Field(Table.HOLDING, 0, 4, NumberType.INT64)
        assert (int(values({"x": field}, struct.pack(">q", number))["x"]) == number) == exact


def test_a_poll_of_many_tables_is_one_block_in_the_order_of_the_config():
    channels = {"c": "coil:7", "h": "holding:3", "a": "input:9", "b": "holding:2"}
    source = configured(channels=channels)
    (poll,) = source.polls(1.0)
    answers = [b"\x01", b"\x00\x02\x00\x03", b"\x00\x09"]
    block = source._readings[1.0].block(answers)
    assert poll.channels == block.channels == tuple(channels)
    assert block.values.tolist() == [1, 3, 9, 2]

"""What registers may mean: every type in every order, and which of them is plausible."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_plugins.modbus.commissioning.interpretations import interpretations, text
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import ByteOrder

FORMS = {
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "float32": "f",
    "uint64": "Q",
    "int64": "q",
    "float64": "d",
}


def found(data):
    return {(each.type.value, each.order.value): each for each in interpretations(data)}


def plausible(data):
    return {lie for lie, each in found(data).items() if each.plausible}


def swapped(data, order):
    """The bytes of a big-endian number as they lie in registers."""
    words = [data[n : n + 2] for n in range(0, len(data), 2)]
    if order in {"CDAB", "DCBA"}:
        words.reverse()
    return b"".join(word[::-1] if order in {"BADC", "DCBA"} else word for word in words)


@given(st.sampled_from(sorted(FORMS)), st.sampled_from(list(ByteOrder)), st.binary(min_size=8, max_size=8))
def test_every_number_is_among_them_in_its_type_and_order(kind, order, raw):
    form = f">{FORMS[kind]}"
    raw = raw[: struct.calcsize(form)]
    (value,) = struct.unpack(form, raw)
    data = swapped(raw, order) + bytes(8 - len(raw))
    if len(raw) == 2:
        order = {"CDAB": "ABCD", "DCBA": "BADC"}.get(order, order)  # which come to the same, and are given once
    shown = found(data)[kind, str(order)]
    assert shown.value == value or (math.isnan(shown.value) and math.isnan(value))


def test_orders_that_come_to_the_same_are_given_once():
    orders = [each.order for each in interpretations(b"\x01\x02") if each.type is NumberType.UINT16]
    assert orders == [ByteOrder.ABCD, ByteOrder.BADC]


def test_only_numbers_that_fit_into_what_came_are_given():
    assert {kind for kind, _ in found(b"\x01\x02\x03\x04")} == {"uint16", "int16", "uint32", "int32", "float32"}


@pytest.mark.parametrize("order", list(ByteOrder))
@pytest.mark.parametrize("value", [49.98, -12.5, 0.965, 1234567.0, 0.0015])
def test_a_measured_float_is_plausible_in_its_order(order, value):
    data = swapped(struct.pack(">f", value), order) + b"\xff\xff\xff\xff"
    assert ("float32", str(order)) in plausible(data)


def test_of_a_counter_and_of_a_negative_number_the_right_sign_is_plausible():
    assert ("uint32", "ABCD") in plausible(struct.pack(">I", 123456))
    assert ("int32", "CDAB") in plausible(swapped(struct.pack(">i", -4711), "CDAB"))
    assert ("int16", "ABCD") in plausible(struct.pack(">h", -200))
    assert ("uint16", "ABCD") not in plausible(struct.pack(">h", -200))


@pytest.mark.parametrize("data", [bytes(8), b"\x7f\xff" * 4, b"\x80\x00" * 4, b"\xff" * 8])
def test_nothing_and_codes_for_nothing_are_hardly_plausible(data):
    assert len(plausible(data)) <= 1


def test_text_is_recognised():
    assert text(b"SDM630  ") == "SDM630"
    assert text(b"QM42\0\0\0\0") == "QM42"
    assert text(b"\x42\x48\0\0") == ""
    assert text(b"ABC\xff") == ""

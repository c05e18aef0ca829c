"""Whatever an integrator writes: a source that reads it, or errors that say what would be right."""

import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from modbus_source import configured

from gatewayd.plugin import OptionError, Quality
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.writing.encoding import Unfit, encoded

numbers = st.sampled_from([0, 1, -1, 7, 15, 16, 255, 32767, 65535, 65536, 0.1, 1e300, -999.9])
written = st.sampled_from(["0x8000", "0xFFFFFFFF", "-1", "x", "", "3"])
registers = st.sampled_from(
    ["holding:0", "holding:65535", "input:7", "coil:3", "discrete:9", "40001", "30010", "00001", "10009", "40000"]
)
orders = st.sampled_from(["ABCD", "DCBA", "BA", "CDABGHEF", "EFGHABCD", "ACBD", "ABCDEF", "", "EFCDAB"])
OPTIONS = {
    "type": st.sampled_from([each for each in NumberType if each != "string"]),
    "bit": st.integers(0, 20),
    "bits": st.sampled_from(["0..3", "4..7", "7..4", "0..63", "a..b", [4, 7], [0, 15], [8, 40]]),
    "byte": st.sampled_from(["low", "high"]),
    "byte_order": orders,
    "scale": st.sampled_from([1.0, 0.1, -2.0, 1e-300, 0.0]),
    "offset": st.sampled_from([0.0, -273.15]),
    "absent": numbers | written | st.lists(numbers | written, max_size=3) | st.dictionaries(written, written),
    "labels": st.dictionaries(written, written, max_size=3),
    "write": st.lists(numbers.map(float), min_size=2, max_size=2).map(sorted),
    "count": st.integers(2, 40),
    "rate": st.just(100.0),
}
text = st.fixed_dictionaries(
    {
        "register": registers,
        "type": st.just("string"),
        "length": st.integers(1, 250),
        "values": st.dictionaries(written, st.integers(-(2**54), 2**54), max_size=3),
    }
)


@st.composite
def channels_of_few_options(draw):
    keys = draw(st.lists(st.sampled_from(sorted(OPTIONS)), unique=True, max_size=3))
    return {"register": draw(registers), **{key: draw(OPTIONS[key]) for key in keys}}


def source_of(channels, base):
    try:
        return configured(channels=channels, base=base)
    except msgspec.ValidationError as error:
        wrong = error.__cause__
    assert isinstance(wrong, OptionError), wrong
    for each in (wrong, *wrong.also):
        assert each.what
        assert each.fix
        assert each.option[0] == "channels"
        assert each.option[1] in channels
    return None


@given(
    st.dictionaries(st.sampled_from("abc"), channels_of_few_options() | text, min_size=1),
    st.sampled_from([0, 1]),
    st.randoms(),
)
def test_what_is_accepted_is_read_and_what_is_not_is_told(channels, base, random):
    source = source_of(channels, base)
    if source is None:
        return
    source.polls(1.0)
    for reading in source._readings.values():
        block = reading.block([random.randbytes(each.size) for each in reading.requests])
        for name, value in zip(block.channels, block.values, strict=True):
            assert name not in block.reasons or math.isnan(value)
        assert block.qualities is None or set(block.qualities) <= {Quality.GOOD, Quality.BAD}
    for name, field in source._settings._fields.items():
        low, high = source._declared[name].writable
        for value in (low, high, (low + high) / 2):
            try:
                assert len(encoded(field, value)) == (1 if field.table.of_bits else 2 * field.length)
            except Unfit:
                assert value not in {low, high}

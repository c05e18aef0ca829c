"""Values become the bytes that registers want, or do not fit for a reason."""

import math

import pytest

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.writing.encoding import Unfit, encoded


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ({"type": NumberType.UINT16}, -1, "-1 does not fit: uint16 holds 0 to 65535"),
        ({"type": NumberType.INT16, "scale": 0.1}, 3276.8, "3276.8 does not fit: int16 holds -3276.8 to 3276.7"),
        ({"type": NumberType.UINT16, "scale": 0.1}, 6.05, "6.05 lies between two steps, 6 and 6.1"),
        ({"type": NumberType.FLOAT32}, 1e39, "1e+39 does not fit"),
        ({"type": NumberType.UINT16}, math.nan, "nan is no number to write"),
        ({"type": NumberType.BCD16}, 10000, "10000 does not fit: bcd16 holds 0 to 9999"),
    ],
)
def test_a_value_that_does_not_fit_is_not_written(field, value, why):
    with pytest.raises(Unfit, match="^" + why.replace("+", r"\+")):
        encoded(Field(Table.HOLDING, 0, field["type"].registers, **field), value)


@pytest.mark.parametrize("value", [0.3, 1.1, 21.5, 3276.7, -3276.8])
def test_decimals_are_not_exact_and_are_written_nevertheless(value):
    field = Field(Table.HOLDING, 0, 1, NumberType.INT16, scale=0.1)
    assert int.from_bytes(encoded(field, value), "big", signed=True) == round(value * 10)

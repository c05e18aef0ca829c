"""Values become the bytes that registers want, or do not fit for a reason."""

import math

import numpy as np
import pytest

from gatewayd_plugins.modbus.fields.absence import AbsentCode
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.writing.encoding import Unfit, encoded

NO_SENSOR = AbsentCode(float(np.float32(-999.9)), "no sensor (code -999.9)")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ({"type": NumberType.UINT16}, -1, "-1 does not fit: uint16 holds 0 to 65535"),
        ({"type": NumberType.INT16, "scale": 0.1}, 3276.8, "3276.8 does not fit: int16 holds -3276.8 to 3276.7"),
        ({"type": NumberType.UINT16, "scale": 0.1}, 6.05, "6.05 lies between two steps, 6 and 6.1"),
        ({"type": NumberType.UINT32}, 1000000.5, "1000000.5 lies between two steps, 1000000 and 1000001"),
        ({"type": NumberType.INT64, "scale": 0.001}, 4e9 + 0.0005, "4000000000.0005 lies between two steps"),
        ({"type": NumberType.UINT32}, 2**32, "4294967296 does not fit: uint32 holds 0 to 4294967295"),
        ({"type": NumberType.FLOAT32, "codes": (NO_SENSOR,)}, -999.9, "-999.9 would mean: no sensor"),
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


@pytest.mark.parametrize(("scale", "offset"), [(0.1, 0.0), (0.001, 0.0), (0.01, -273.15), (1e-6, 1e6), (-0.3, 17.7)])
@pytest.mark.parametrize("number", [0, 1, 7, 65535, 16_777_217, 2**32 - 1])
def test_each_step_can_be_written_by_its_value(number, scale, offset):
    field = Field(Table.HOLDING, 0, 2, NumberType.UINT32, scale=scale, offset=offset)
    assert int.from_bytes(encoded(field, number * scale + offset), "big") == number


@pytest.mark.parametrize(("value", "scale"), [(-0.0, 1.0), (0.0, -0.1)])
def test_there_is_one_zero_to_write(value, scale):
    assert encoded(Field(Table.HOLDING, 0, 2, NumberType.FLOAT32, scale=scale), value) == bytes(4)

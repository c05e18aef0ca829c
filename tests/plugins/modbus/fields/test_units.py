"""Units of Modbus channels: the usual mistakes are refused with the right code, all else is passed on."""

import pytest

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.options import ChannelOptions


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("°C", "Cel"), ("degC", "Cel"), ("C", "Cel"), ("℃", "Cel"), ("°C/min", "Cel/min"), ("F", "[degF]"),
        ("°F", "[degF]"), ("psi", "[psi]"), ("PSI", "[psi]"), ("rpm", "/min"), ("rpm/s", "/min/s"), ("hp", "[HP]"),
        ("m/s²", "m/s2"), ("m/s^2", "m/s2"), ("m³/h", "m3/h"), ("µm", "um"), ("N·m", "N.m"), ("l / min", "l/min"),
        ("kWh", "kW.h"), ("sec", "s"), ("Ω", "Ohm"), ("k\u2126", "kOhm"), ("%RH", "%"), ("°", "deg"), ("s⁻¹", "s-1"),
    ],
)  # fmt: skip
def test_a_usual_mistake_is_refused_with_the_right_code(wrong, right):
    with pytest.raises(OptionError) as caught:
        ChannelOptions("holding:0", unit=wrong)
    assert caught.value.option == ("unit",)
    assert caught.value.fix == f'did you mean "{right}"?'
    assert ChannelOptions("holding:0", unit=right).unit == right


@pytest.mark.parametrize(
    "unit",
    ["", "1", "%", "bar", "Cel", "l/min", "m/s2", "m/s/s", "[psi]", "10*3/ul", "mm[Hg]", "C{charge}", "Pa.s", "dB"],
)
def test_whatever_else_it_is_it_is_passed_on(unit):
    assert ChannelOptions("holding:0", unit=unit).unit == unit

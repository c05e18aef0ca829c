"""UCUM: the usual mistakes in its codes, with the right ones. Any other unit is taken as it is written. Pure."""

from __future__ import annotations

import re

_WHOLE = {
    "C": "Cel",  # coulomb, which no one measures with a pump
    "F": "[degF]",  # farad
    "kWh": "kW.h",
    "MWh": "MW.h",
    "Wh": "W.h",
    "Ah": "A.h",
    "VA": "V.A",
    "kVA": "kV.A",
    "Nm": "N.m",
    "gpm": "[gal_us]/min",
    "cfm": "[cft_i]/min",
    "lpm": "l/min",
    "mph": "[mi_i]/h",
}
"""What is mistaken when it is all of the unit: in a product or quotient it may be right, or would need brackets."""

_PARTS = {
    **dict.fromkeys(["°C", "℃", "degC", "celsius", "Celsius"], "Cel"),
    **dict.fromkeys(["°F", "℉", "degF", "fahrenheit", "Fahrenheit"], "[degF]"),
    **dict.fromkeys(["°", "degree", "degrees"], "deg"),
    **dict.fromkeys(["psi", "PSI"], "[psi]"),
    **dict.fromkeys(["rpm", "RPM"], "/min"),
    **dict.fromkeys(["hp", "HP"], "[HP]"),
    **dict.fromkeys(["%RH", "%rH", "%rh", "percent"], "%"),
    **dict.fromkeys(["ohm", "Ω", "\u2126"], "Ohm"),
    **dict.fromkeys(["Bar", "BAR"], "bar"),
    **dict.fromkeys(["meter", "metre", "meters", "metres"], "m"),
    **dict.fromkeys(["sec", "secs"], "s"),
    **dict.fromkeys(["hr", "hrs"], "h"),
    **dict.fromkeys(["kohm", "kΩ", "k\u2126"], "kOhm"),
    "ft": "[ft_i]",
    "in": "[in_i]",
    "mmHg": "mm[Hg]",
    "ppm": "[ppm]",
    "ppb": "[ppb]",
    "pH": "[pH]",
    "hz": "Hz",
    "kw": "kW",
    "KW": "kW",
    "kpa": "kPa",
    "Kg": "kg",
}
_SIGNS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻µμ·⋅", "0123456789-uu..", " ")
_POWER = re.compile(r"(?<=[A-Za-z])\^(?=-?\d)")
_PART = re.compile(r"[^/.]+")


def meant(unit: str) -> str:
    """The code that was meant, as far as we know better. With brackets or braces in it, it is by one who knows UCUM."""
    if re.search(r"[\[{]", unit):
        return unit
    plain = _POWER.sub("", unit.translate(_SIGNS))
    return _WHOLE.get(plain) or _PART.sub(lambda part: _PARTS.get(part[0], part[0]), plain)

"""The objects of BTHome v2: which property each is of, how long it is, and what it is multiplied by.

Source: https://bthome.io/format (home-assistant/bthome.io, src/format.html, commit 052f3ac). The objects 0x60 to 0x64
are newer than that and are taken from Bluetooth-Devices/bthome-ble, src/bthome_ble/const.py (commit 00771fd). So is the
factor of 0x5F: 0.1, as Shelly's weather station needs it, too; the page had 1.

A property has one unit, whichever object it comes in: 0x07 is a mass in pounds, and becomes kilograms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Numeric(NamedTuple):
    """An object that holds a number of `size` bytes, little-endian: `property` is `number * factor / divisor`."""

    property: str
    size: int
    divisor: int = 1
    factor: int = 1
    signed: bool = False

    def value(self, data: bytes) -> float:
        """The value in its bytes, rounded once."""
        return int.from_bytes(data, "little", signed=self.signed) * self.factor / self.divisor


class State(NamedTuple):
    """An object of one byte that is 0 or 1, and what these mean."""

    property: str
    off: str
    on: str


NUMERIC: Mapping[int, Numeric] = {
    0x01: Numeric("battery", 1),
    0x02: Numeric("temperature", 2, 100, signed=True),
    0x03: Numeric("humidity", 2, 100),
    0x04: Numeric("pressure", 3, 100),
    0x05: Numeric("illuminance", 3, 100),
    0x06: Numeric("mass", 2, 100),
    0x07: Numeric("mass", 2, 100 * 100_000_000, 45_359_237),  # pounds
    0x08: Numeric("dewpoint", 2, 100, signed=True),
    0x09: Numeric("count", 1),
    0x0A: Numeric("energy", 3, 1000),
    0x0B: Numeric("power", 3, 100),
    0x0C: Numeric("voltage", 2, 1000),
    0x0D: Numeric("pm2_5", 2),
    0x0E: Numeric("pm10", 2),
    0x12: Numeric("co2", 2),
    0x13: Numeric("tvoc", 2),
    0x14: Numeric("moisture", 2, 100),
    0x2E: Numeric("humidity", 1),
    0x2F: Numeric("moisture", 1),
    0x3D: Numeric("count", 2),
    0x3E: Numeric("count", 4),
    0x3F: Numeric("rotation", 2, 10, signed=True),
    0x40: Numeric("distance", 2, 1000),  # millimetres
    0x41: Numeric("distance", 2, 10),
    0x42: Numeric("duration", 3, 1000),
    0x43: Numeric("current", 2, 1000),
    0x44: Numeric("speed", 2, 100),
    0x45: Numeric("temperature", 2, 10, signed=True),
    0x46: Numeric("uv_index", 1, 10),
    0x47: Numeric("volume", 2, 10),
    0x48: Numeric("volume", 2, 1000),  # millilitres
    0x49: Numeric("volume_flow_rate", 2, 1000),
    0x4A: Numeric("voltage", 2, 10),
    0x4B: Numeric("gas", 3, 1000),
    0x4C: Numeric("gas", 4, 1000),
    0x4D: Numeric("energy", 4, 1000),
    0x4E: Numeric("volume", 4, 1000),
    0x4F: Numeric("water", 4, 1000),
    0x50: Numeric("timestamp", 4),
    0x51: Numeric("acceleration", 2, 1000),
    0x52: Numeric("gyroscope", 2, 1000),
    0x55: Numeric("volume_storage", 4, 1000),
    0x56: Numeric("conductivity", 2),
    0x57: Numeric("temperature", 1, signed=True),
    0x58: Numeric("temperature", 1, 100, 35, signed=True),
    0x59: Numeric("count", 1, signed=True),
    0x5A: Numeric("count", 2, signed=True),
    0x5B: Numeric("count", 4, signed=True),
    0x5C: Numeric("power", 4, 100, signed=True),
    0x5D: Numeric("current", 2, 1000, signed=True),
    0x5E: Numeric("direction", 2, 100),
    0x5F: Numeric("precipitation", 2, 10),
    0x60: Numeric("channel", 1),
    0x61: Numeric("rotational_speed", 2),
    0x62: Numeric("speed", 4, 1_000_000, signed=True),
    0x63: Numeric("acceleration", 4, 1_000_000, signed=True),
    0x64: Numeric("light_level", 1),
}

STATES: Mapping[int, State] = {
    0x0F: State("state", "off", "on"),
    0x10: State("power_on", "off", "on"),
    0x11: State("opening", "closed", "open"),
    0x15: State("battery_low", "normal", "low"),
    0x16: State("battery_charging", "not charging", "charging"),
    0x17: State("carbon_monoxide", "not detected", "detected"),
    0x18: State("cold", "normal", "cold"),
    0x19: State("connectivity", "disconnected", "connected"),
    0x1A: State("door", "closed", "open"),
    0x1B: State("garage_door", "closed", "open"),
    0x1C: State("gas_detected", "clear", "detected"),
    0x1D: State("heat", "normal", "hot"),
    0x1E: State("light", "no light", "light detected"),
    0x1F: State("lock", "locked", "unlocked"),
    0x20: State("wet", "dry", "wet"),
    0x21: State("motion", "clear", "detected"),
    0x22: State("moving", "not moving", "moving"),
    0x23: State("occupancy", "clear", "detected"),
    0x24: State("plug", "unplugged", "plugged in"),
    0x25: State("presence", "away", "home"),
    0x26: State("problem", "OK", "problem"),
    0x27: State("running", "not running", "running"),
    0x28: State("safety", "unsafe", "safe"),
    0x29: State("smoke", "clear", "detected"),
    0x2A: State("sound", "clear", "detected"),
    0x2B: State("tamper", "off", "on"),
    0x2C: State("vibration", "clear", "detected"),
    0x2D: State("window", "closed", "open"),
}

PRESSES: Mapping[int, str] = {
    1: "press",
    2: "double press",
    3: "triple press",
    4: "long press",
    5: "long double press",
    6: "long triple press",
    128: "hold press",
}
"""What a button may say."""

UNITS: Mapping[str, str] = {
    "acceleration": "m/s2",
    "battery": "%",
    "co2": "[ppm]",
    "conductivity": "uS/cm",
    "current": "A",
    "dewpoint": "Cel",
    "direction": "deg",
    "distance": "m",
    "duration": "s",
    "energy": "kW.h",
    "gas": "m3",
    "gyroscope": "deg/s",
    "humidity": "%",
    "illuminance": "lx",
    "mass": "kg",
    "moisture": "%",
    "pm10": "ug/m3",
    "pm2_5": "ug/m3",
    "power": "W",
    "precipitation": "mm",
    "pressure": "hPa",
    "rotation": "deg",
    "rotational_speed": "/min",
    "speed": "m/s",
    "temperature": "Cel",
    "timestamp": "s",
    "tvoc": "ug/m3",
    "voltage": "V",
    "volume": "l",
    "volume_flow_rate": "m3/h",
    "volume_storage": "l",
    "water": "l",
}
"""Of each property, in UCUM; those that are left out have none."""

"""Ruuvi: the data formats 3 and 5 of RuuviTag, and 6 and E1 of Ruuvi Air.

Source: https://docs.ruuvi.com/communication/bluetooth-advertisements, pages "Data format 3 (RAWv1)", "Data format 5
(RAWv2)", "Data format 6" and "Data format E1 (Extended v1)".
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

from gatewayd.plugin import Channel
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Decoded, Decoder, Serial, Undecodable

COMPANY = 0x0499
CHANNELS = {
    channel.name: channel
    for channel in (
        Channel("temperature", "Cel"),
        Channel("humidity", "%"),
        Channel("pressure", "hPa"),
        Channel("acceleration_x", "[g]"),
        Channel("acceleration_y", "[g]"),
        Channel("acceleration_z", "[g]"),
        Channel("battery", "V"),
        Channel("movements"),
        Channel("tx_power", "dB{mW}"),
        Channel("pm1", "ug/m3"),
        Channel("pm2_5", "ug/m3"),
        Channel("pm4", "ug/m3"),
        Channel("pm10", "ug/m3"),
        Channel("co2", "[ppm]"),
        Channel("voc"),
        Channel("nox"),
        Channel("illuminance", "lx"),
    )
}
OF_A_TAG = tuple(CHANNELS)[:8]
OF_THE_AIR = ("pm1", "pm2_5", "pm4", "pm10", "co2", "voc", "nox")

_FORMAT_3 = struct.Struct(">BBBHhhhH")
_FORMAT_5 = struct.Struct(">hHHhhhHBH6x")
_FORMAT_6 = struct.Struct(">hHHHHBBBxBB3x")
_FORMAT_E1 = struct.Struct(">hHHHHHHHBB3s3x3sB5x6x")

EXTENDED = 0xE1
CUT = 6
"""The format in which a device that sends EXTENDED sends the same once more, for old receivers."""
PASSED_OVER = 16
"""Packets of format CUT that are passed over after one that was EXTENDED."""
NO_SIGNED = -0x8000
NO_UNSIGNED = 0xFFFF
LIGHT_STEP = math.log(65536) / 254
"""Light is sent as a logarithm, in 254 steps up to 65535 lx."""


class Ruuvi(Decoder):
    """`format = "ruuvi"`."""

    channels = CHANNELS
    numbered = True

    def __init__(self) -> None:
        self._passing_over = 0

    @property
    def usual(self) -> Sequence[str]:
        """What a tag sends (format 5)."""
        return OF_A_TAG

    def decode(self, advertisement: Advertisement) -> Decoded | None:
        """What a Ruuvi device measured. Raises Undecodable for a format that is not known, or a short packet."""
        data = advertisement.manufacturer.get(COMPANY)
        if data is None:
            return None
        if not data or data[0] not in _DECODERS:
            raise Undecodable(f"Ruuvi's data format {data[0]:02X} is not known here" if data else "it has no data")
        layout, decode = _DECODERS[data[0]]
        if len(data) <= layout.size:
            raise Undecodable(f"it is too short for Ruuvi's data format {data[0]:X}")
        if data[0] == EXTENDED:
            self._passing_over = PASSED_OVER
        elif data[0] == CUT and self._passing_over:
            self._passing_over -= 1
            return None
        return decode(layout.unpack_from(data, 1))


def _format_3(fields: Sequence[int]) -> Decoded:
    """Nothing in it says "not available", and it has no number."""
    humidity, degrees, hundredths, pressure, x, y, z, battery = fields
    if hundredths > 99:
        raise Undecodable("its temperature has more than 99 hundredths")
    temperature = (degrees & 0x7F) + hundredths / 100
    readings = _Readings()
    readings.put("temperature", -temperature if degrees & 0x80 else temperature)
    readings.humidity(humidity / 2)
    readings.put("pressure", (pressure + 50_000) / 100)
    readings.acceleration(x, y, z)
    readings.put("battery", battery / 1000)
    return readings.decoded(None, "3")


def _format_5(fields: Sequence[int]) -> Decoded:
    temperature, humidity, pressure, x, y, z, power, movements, number = fields
    readings = _Readings()
    readings.climate(temperature, humidity, pressure)
    readings.acceleration(x, y, z)
    readings.put("battery", ((power >> 5) + 1600) / 1000, missing=power >> 5 == 0x7FF)
    readings.put("tx_power", (power & 0x1F) * 2 - 40, missing=power & 0x1F == 0x1F)
    readings.put("movements", movements, missing=movements == 0xFF)
    return readings.decoded(None if number == NO_UNSIGNED else Serial(number, NO_UNSIGNED), "5")


def _format_6(fields: Sequence[int]) -> Decoded:
    temperature, humidity, pressure, dust, co2, voc, nox, light, number, flags = fields
    readings = _Readings()
    readings.climate(temperature, humidity, pressure)
    readings.dust(pm2_5=dust)
    readings.put("illuminance", math.exp(light * LIGHT_STEP) - 1, missing=light == 0xFF)
    readings.gases(co2, voc, nox, flags)
    return readings.decoded(Serial(number, 256), "6")


def _format_e1(fields: Sequence[Any]) -> Decoded:
    temperature, humidity, pressure, pm1, pm2_5, pm4, pm10, co2, voc, nox, light, number, flags = fields
    hundredths, count = int.from_bytes(light, "big"), int.from_bytes(number, "big")
    readings = _Readings()
    readings.climate(temperature, humidity, pressure)
    readings.dust(pm1=pm1, pm2_5=pm2_5, pm4=pm4, pm10=pm10)
    readings.put("illuminance", hundredths / 100, missing=hundredths == 0xFFFFFF)
    readings.gases(co2, voc, nox, flags)
    return readings.decoded(None if count == 0xFFFFFF else Serial(count, 0xFFFFFF), "E1")


class _Readings:
    """The readings of one advertisement, while they are gathered."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        self._bad: dict[str, str] = {}
        self._doubtful: dict[str, str] = {}

    def put(self, name: str, value: float, *, missing: bool = False) -> None:
        if missing:
            self._bad[name] = "not available, says the device"
        else:
            self._values[name] = float(value)

    def climate(self, temperature: int, humidity: int, pressure: int) -> None:
        self.put("temperature", temperature / 200, missing=temperature == NO_SIGNED)
        self.humidity(humidity / 400, missing=humidity == NO_UNSIGNED)
        self.put("pressure", (pressure + 50_000) / 100, missing=pressure == NO_UNSIGNED)

    def humidity(self, percent: float, *, missing: bool = False) -> None:
        self.put("humidity", percent, missing=missing)
        if percent > 100:
            self.doubt(["humidity"], "above 100 %: the sensor is faulty or badly calibrated")

    def acceleration(self, *axes: int) -> None:
        for axis, thousandths in zip("xyz", axes, strict=True):
            self.put(f"acceleration_{axis}", thousandths / 1000, missing=thousandths == NO_SIGNED)

    def dust(self, **tenths: int) -> None:
        for name, each in tenths.items():
            self.put(name, each / 10, missing=each == NO_UNSIGNED)

    def gases(self, co2: int, voc: int, nox: int, flags: int) -> None:
        """The indexes have nine bits, the last of which are among the flags."""
        voc, nox = voc << 1 | flags >> 6 & 1, nox << 1 | flags >> 7
        self.put("co2", co2, missing=co2 == NO_UNSIGNED)
        self.put("voc", voc, missing=voc == 0x1FF)
        self.put("nox", nox, missing=nox == 0x1FF)
        if flags & 1:
            self.doubt(OF_THE_AIR, "calibration in progress")

    def doubt(self, names: Sequence[str], reason: str) -> None:
        self._doubtful.update((name, reason) for name in names if name in self._values)

    def decoded(self, serial: Serial | None, data_format: str) -> Decoded:
        return Decoded(self._values, self._bad, self._doubtful, serial, about={"data format": data_format})


_DECODERS: dict[int, tuple[struct.Struct, Callable[[Sequence[Any]], Decoded]]] = {
    3: (_FORMAT_3, _format_3),
    5: (_FORMAT_5, _format_5),
    CUT: (_FORMAT_6, _format_6),
    EXTENDED: (_FORMAT_E1, _format_e1),
}

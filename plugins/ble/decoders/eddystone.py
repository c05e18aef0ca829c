"""Eddystone-TLM: the telemetry of beacons, unencrypted.

Source: https://github.com/google/eddystone, eddystone-tlm/tlm-plain.md.
"""

from __future__ import annotations

import struct

from gatewayd.plugin import Channel
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Decoded, Decoder, Undecodable

SERVICE = "0000feaa-0000-1000-8000-00805f9b34fb"
TELEMETRY = 0x20
CHANNELS = {
    channel.name: channel
    for channel in (
        Channel("battery", "V"),
        Channel("temperature", "Cel"),
        Channel("advertisements"),
        Channel("uptime", "s"),
    )
}

_FRAME = struct.Struct(">HhII")
NO_TEMPERATURE = -0x8000


class EddystoneTlm(Decoder):
    """`format = "eddystone_tlm"`. It has no numbers: it counts frames of all types, not its own."""

    channels = CHANNELS

    def decode(self, advertisement: Advertisement) -> Decoded | None:
        """The telemetry; None for other frames, with which it takes turns. Raises Undecodable."""
        data = advertisement.services.get(SERVICE)
        if not data or data[0] != TELEMETRY:
            return None
        version = data[1] if len(data) > 1 else 0
        if version == 1:
            raise Undecodable("its telemetry is encrypted (Eddystone-eTLM), which cannot be read here")
        if version or len(data) != 2 + _FRAME.size:
            raise Undecodable("its telemetry has a version or a length that Eddystone-TLM does not know")
        return _decoded(*_FRAME.unpack_from(data, 2))


def _decoded(millivolts: int, temperature: int, advertisements: int, tenths: int) -> Decoded:
    values = {"advertisements": float(advertisements), "uptime": tenths / 10}
    bad: dict[str, str] = {}
    if millivolts:
        values["battery"] = millivolts / 1000
    else:
        bad["battery"] = "not measured, says the beacon"
    if temperature == NO_TEMPERATURE:
        bad["temperature"] = "not measured, says the beacon"
    else:
        values["temperature"] = temperature / 256
    return Decoded(values, bad)

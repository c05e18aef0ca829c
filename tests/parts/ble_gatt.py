"""What is read by a connection from a device on a fake BlueZ: tables of options, and what they make."""

import msgspec

from gatewayd_plugins.ble.connections.gatt import Gatt
from gatewayd_plugins.ble.connections.options import BurstOptions, CharacteristicOptions

ADDRESS = "AA:BB:CC:DD:EE:01"
BATTERY = {"uuid": "2a19", "type": "uint8", "unit": "%"}
TEMPERATURE = {"uuid": "2a6e", "type": "int16", "scale": 0.01, "unit": "Cel"}
HEART = {"uuid": "2a37", "type": "uint8", "at": 1, "notify": True}
BURST = {
    "uuid": "1525",
    "rate": 6400.0,
    "count": 12,
    "at": 2,
    "scale": 0.5,
    "index": {"at": 0},
    "burst": {"at": 1},
    "unit": "m/s2",
    "timeout": "1s",
}
STARTED = BURST | {"start": {"uuid": "1526", "value": "01"}}


def made_gatt(characteristics=None, bursts=None, interval=1.0):
    """What reads these tables, and its polls."""
    made = Gatt(
        ADDRESS,
        msgspec.convert(characteristics or {}, dict[str, CharacteristicOptions], dec_hook=_duration),
        msgspec.convert(bursts or {}, dict[str, BurstOptions], dec_hook=_duration),
    )
    return made, made.polls(interval)


def _duration(kind, value):
    return kind(float(value.removesuffix("s")))

"""What must hold of every decoder and of a listener, whatever is advertised; and right packets to begin with."""

import math
from functools import cache

import msgspec

from gatewayd.sources.reading.intake import Intake
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders import bthome, eddystone, ruuvi
from gatewayd_plugins.ble.decoders.bthome_encryption import Replay, Seal
from gatewayd_plugins.ble.decoders.bthome_payload import CHANNELS
from gatewayd_plugins.ble.decoders.decoded import Undecodable
from gatewayd_plugins.ble.decoders.described import Described, FieldOptions, SequenceOptions
from gatewayd_plugins.ble.hearing.link import LINK
from gatewayd_plugins.ble.hearing.listening import Listener

ADDRESS = "54:48:E6:8F:80:A5"
COMPANY, SERVICE = 0x1234, "0000181a-0000-1000-8000-00805f9b34fb"
KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
SEALED = bytes.fromhex("41e445f3c9962b332211006c7c4519")
"""The example of https://bthome.io/encryption: all that a decoder with KEY may believe."""
FIELDS = {
    "a": {"at": 0, "type": "int16", "byte_order": "big", "absent": [0x8000], "scale": 0.01},
    "b": {"at": 2, "type": "float32"},
    "c": {"at": 1, "type": "sfloat"},
    "d": {"at": 0, "type": "uint24", "bits": [3, 20]},
    "e": {"at": 0, "type": "float64", "data": "service:181a", "scale": 1e300},
}


@cache
def seal():
    return Seal(KEY, bytes.fromhex(ADDRESS.replace(":", "")))


def sealed_bthome():
    made = bthome.Bthome()
    made.encrypted(Replay())
    made.unlock(seal())
    return made


@cache
def described():
    """One for all: it remembers nothing."""
    fields = {name: msgspec.convert(each, FieldOptions) for name, each in FIELDS.items()}
    return Described("manufacturer:0x1234", "", fields, SequenceOptions(at=1))


MAKERS = (ruuvi.Ruuvi, bthome.Bthome, sealed_bthome, eddystone.EddystoneTlm, described)

RIGHT = [
    (0, "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"),
    (0, "03291A1ECE1EFC18F94202CA0B53"),
    (0, "06170C5668C79E007000C90501D9FFCD004C884F"),
    (0, "E1170C5668C79E0065007004BD11CA00C90A0213E0ACFFFFFFDECDEE10FFFFFFFFFFCBB8334C884F"),
    (1, "4000090161" + "02CA0903BF13" + "3A01" + "530548656C6C6F" + "F100010204"),
    (1, "42A5808FE6485404138A01"),
    (2, SEALED.hex()),
    (3, "2000138815000000000100000001"),
    (4, "8000c03f0000803f0000"),
]
"""By the number of their decoder in MAKERS."""


def advertised(data, time=0):
    """An advertisement that has these bytes wherever a decoder may look for its own."""
    services = dict.fromkeys((bthome.SERVICE, eddystone.SERVICE, SERVICE), data)
    return Advertisement(ADDRESS, time, -60, "T", dict.fromkeys((ruuvi.COMPANY, COMPANY), data), services)


def check_decoder(which, data):
    """Whatever the bytes are: there are numbers of known channels, or reasons, or it is refused."""
    decoder = MAKERS[which]()
    try:
        decoded = decoder.decode(advertised(data))
    except Undecodable:
        return
    if decoded is None:
        return
    assert all(type(value) is float and math.isfinite(value) for value in decoded.values.values())
    assert not set(decoded.values) & set(decoded.bad)
    assert set(decoded.doubtful) <= set(decoded.values)
    assert all(decoded.bad.values())
    assert all(decoder.channel(name) is not None for name in (*decoded.values, *decoded.bad))
    if decoded.serial is not None:
        assert 0 <= decoded.serial.number < decoded.serial.span
    if MAKERS[which] is sealed_bthome:
        assert data == SEALED, "it believes what was not sealed"
    if MAKERS[which] is ruuvi.Ruuvi:
        check_temperature(data, decoded)


def check_temperature(data, decoded):
    """By the tables of Ruuvi's pages, read once more."""
    if data[0] == 3:
        degrees = (data[2] & 127) + data[3] / 100
        expected = -degrees if data[2] > 127 else degrees
    else:
        expected = int.from_bytes(data[1:3], "big", signed=True) * 5 / 1000
    if "temperature" in decoded.values:
        assert math.isclose(decoded.values["temperature"], expected)
    else:
        assert data[1:3] == b"\x80\x00"


def check_listener(which, packets):
    """Whatever is heard in whatever order, gatewayd can take what is reported, and times do not run ahead."""
    decoder = MAKERS[which]()
    names = tuple(dict.fromkeys([*decoder.usual, *list(CHANNELS)[:8], *LINK]))
    names = tuple(name for name in names if name in LINK or decoder.channel(name) is not None)
    listener = Listener(decoder, names, 5.0)
    listener.begin(0)
    intake = Intake("ble", 0, names, {})
    for number, packet in enumerate(packets):
        now = (number + 1) * 10**9
        blocks = listener.report([advertised(packet, now - 2), advertised(packet, now - 1)], now, "")
        for polled in intake.take(blocks, now, 0):
            assert polled.time <= now

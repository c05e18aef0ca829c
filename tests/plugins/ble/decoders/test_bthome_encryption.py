"""The encryption of BTHome v2 against the example of https://bthome.io/encryption.

The page is src/encryption.html of home-assistant/bthome.io, commit 082f275. Further vectors, of the same key, address
and data, are those of Bluetooth-Devices/bthome-ble, tests/test_parser_v2.py.
"""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.bthome import SERVICE, Bthome
from gatewayd_plugins.ble.decoders.bthome_encryption import Replay, Seal
from gatewayd_plugins.ble.decoders.decoded import Serial, Undecodable

KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
ADDRESS = "54:48:E6:8F:80:A5"
ADDRESS_BYTES = bytes.fromhex("5448E68F80A5")
PAGE = bytes.fromhex("41e445f3c9962b332211006c7c4519")
PAYLOAD = bytes.fromhex("02CA0903BF13")
READINGS = {"temperature": 25.06, "humidity": 50.55}


def bthome(key=KEY, **options):
    made = Bthome()
    made.encrypted(Replay(**options))
    made.unlock(Seal(key, ADDRESS_BYTES))
    return made


def heard(data):
    return Advertisement(ADDRESS, 0, -60, services={SERVICE: bytes(data)})


def sealed(counter, key=KEY):
    """A packet as the page says how to make it."""
    count = counter.to_bytes(4, "little")
    nonce = ADDRESS_BYTES + bytes.fromhex("D2FC41") + count
    text = AESCCM(key, tag_length=4).encrypt(nonce, PAYLOAD, None)
    return heard(b"\x41" + text[:-4] + count + text[-4:])


def test_the_example_of_the_page():
    decoded = bthome().decode(heard(PAGE))
    assert decoded.values == READINGS
    assert decoded.serial == Serial(1122867, 1 << 32)


def test_the_example_is_what_this_test_would_send():
    assert sealed(1122867) == heard(PAGE)


@pytest.mark.parametrize("data", ["41a47266c95f730011223378237214", "43a5808fe64854f196c06ffb4900112233f08ecbde"])
def test_the_vectors_of_bthome_ble(data):
    assert bthome().decode(heard(bytes.fromhex(data))).values == READINGS


@pytest.mark.parametrize("place", range(1, len(PAGE)))
def test_whatever_byte_is_altered_nothing_is_believed(place):
    altered = bytearray(PAGE)
    altered[place] ^= 1
    with pytest.raises(Undecodable, match="altered"):
        bthome().decode(heard(altered))


def test_another_key_opens_nothing():
    with pytest.raises(Undecodable, match="key does not fit"):
        bthome(bytes(16)).decode(heard(PAGE))


@pytest.mark.parametrize("size", range(1, 9))
def test_what_is_too_short_is_refused(size):
    with pytest.raises(Undecodable, match="too short"):
        bthome().decode(heard(PAGE[:size]))


def test_what_is_not_encrypted_is_refused_of_a_device_that_encrypts():
    with pytest.raises(Undecodable, match="not encrypted"):
        bthome().decode(heard(bytes.fromhex("4002CA09")))


def test_what_is_encrypted_is_refused_without_a_key():
    with pytest.raises(Undecodable, match="no key"):
        Bthome().decode(heard(PAGE))


def test_a_counter_that_falls_is_refused():
    device = bthome()
    for counter in (7, 8, 8, 10):
        assert device.decode(sealed(counter)).serial.number == counter
    for counter in (9, 0):
        with pytest.raises(Undecodable, match="accept_restart = true"):
            device.decode(sealed(counter))
    assert device.decode(sealed(11)).values == READINGS


def test_a_forged_packet_does_not_move_the_counter():
    device = bthome()
    device.decode(sealed(7))
    with pytest.raises(Undecodable):
        device.decode(sealed(1000, key=bytes(16)))
    assert device.decode(sealed(8)).values == READINGS


def test_a_restarted_device_is_believed_where_that_is_allowed():
    device = bthome(restarts=True)
    device.decode(sealed(5000))
    with pytest.raises(Undecodable, match="below the last one"):
        device.decode(sealed(4999))
    assert device.decode(sealed(3)).values == READINGS


def test_the_counter_outlives_a_restart_of_the_gateway():
    first, second = bthome(), bthome()
    first.decode(sealed(5000))
    second.recall(first.memory())
    with pytest.raises(Undecodable, match="below"):
        second.decode(sealed(4999))
    assert second.decode(sealed(5001)).values == READINGS


@pytest.mark.parametrize(
    "memory",
    [
        *(b"", b"\xff", b"[]", b"7", b"null", b"[" * 100_000),
        *(b'{"version": 2, "counter": 9}', b'{"version": 1}', b'{"version": 1, "counter": "x"}'),
        *(b'{"version": 1, "counter": -1}', b'{"version": 1, "counter": 1e400}'),
        b'{"version": 1, "counter": 4294967296}',
    ],
)
def test_a_memory_that_makes_no_sense_is_forgotten(memory):
    device = bthome()
    device.recall(memory)
    assert device.memory() == b""
    assert device.decode(sealed(1)).values == READINGS


def test_there_is_nothing_to_remember_without_encryption():
    assert Bthome().memory() == b""
    Bthome().recall(b"x")

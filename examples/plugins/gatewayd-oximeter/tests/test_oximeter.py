"""The tests of gatewayd-oximeter, against an imitated BlueZ: `pip install -e ".[test]"`, then `pytest`."""

import asyncio
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_oximeter import ADDRESS, USUAL, oximeter
from gatewayd.plugin import Quality, SourceError
from gatewayd.testing import conformance, problems
from gatewayd.testing.bluetooth import available

pytestmark = pytest.mark.skipif(not available(), reason="dbus-daemon is not installed (apt-get install dbus)")

TABLE = {"plugin": "oximeter", "address": ADDRESS, "interval": "20ms", "silence": "5s", "connect": "10s"}


@asynccontextmanager
async def device():
    async with oximeter() as fake:
        fake.packet = bytes([0x10]) + USUAL[1:] + b"\x19\xf0"
        yield {"address": ADDRESS, "silence": "500ms", "connect": "2s"}


TestConformance = conformance("oximeter", device)


async def some_polls(hand):
    """What came before may have to be read first."""
    for _ in range(5):
        await hand.poll()


async def poll_until(hand, true):
    """The newest measurement, as soon as it is so: others may be on their way."""
    async with asyncio.timeout(20):
        while True:
            last = (await hand.poll())[-1]
            if true(last):
                return last
            await asyncio.sleep(0)


async def test_measurements_come_with_their_times(polling):
    async with oximeter(), polling(bed=TABLE) as bench:
        await bench.polls(3)
        assert (bench.latest("bed.spo2"), bench.latest("bed.pulse")) == (97.0, 63.0)
        assert bench.failures["bed"] == []
        times = [reading.time for reading in bench.readings["bed.spo2"]]
        assert times == sorted(set(times))
        assert bench.readings["bed.amplitude"] == []  # the device does not tell it


async def test_what_the_device_doubts_is_uncertain_and_what_it_refuses_is_bad(by_hand):
    async with oximeter() as fake, by_hand(**TABLE) as hand:
        await hand.poll()
        for packet, quality, reason in (
            (bytes([0x04]) + USUAL[1:] + b"\x00\x40", Quality.UNCERTAIN, "questionable measurement"),
            (bytes([0x08]) + USUAL[1:] + b"\x00\x08\x00", Quality.BAD, "sensor not on a finger"),
            (bytes([0x00, 0xFF, 0x07, 63, 0]), Quality.BAD, "the device gave no number"),
            (bytes([0x00, 0x65, 0x00, 63, 0]), Quality.BAD, "the device gave 101"),
        ):
            fake.packet = packet
            last = await poll_until(hand, lambda last, reason=reason: last.reasons.get("spo2") == reason)
            assert last.qualities[0] == quality


async def test_what_the_device_says_of_itself_is_known(by_hand):
    async with oximeter(), by_hand(**TABLE) as hand:
        await hand.poll()
        assert hand.source.about() == {"model": "Finger 3"}


async def test_a_spoilt_packet_is_bad_and_the_next_one_is_read(by_hand):
    async with oximeter() as fake, by_hand(**TABLE) as hand:
        fake.packet = b"\x04\x00"
        spoilt = (await hand.poll())[0]
        assert list(spoilt.qualities) == [Quality.BAD] * 3
        assert "shorter than its flags say" in spoilt.reasons["pulse"]
        fake.packet = USUAL
        await poll_until(hand, lambda last: last.values[0] == 97.0)


async def test_a_lost_connection_is_made_again(by_hand):
    async with oximeter() as fake, by_hand(**TABLE) as hand:
        await hand.poll()
        fake.device.drop()
        with pytest.raises(SourceError, match="lost"):
            await some_polls(hand)
        assert await hand.poll()
        assert fake.device.connects == 2


async def test_a_silent_device_is_told(by_hand):
    async with oximeter() as fake, by_hand(**{**TABLE, "silence": "500ms"}) as hand:
        await hand.poll()
        fake.measured.notify = lambda packet: False
        with pytest.raises(SourceError, match=r"nothing came for 0\.5 s"):
            await some_polls(hand)


@pytest.mark.parametrize("address", ["", "1C:05", "oximeter"])
def test_an_address_that_is_none_is_an_error_of_the_config(address):
    assert problems(bed={**TABLE, "address": address})


def test_a_restless_night_is_told_and_a_quiet_one_is_not():
    command = [sys.executable, "-m", "gatewayd", "test", "night.toml"]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_config_in_the_readme_is_right():
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    (config,) = re.findall(r"`{3}toml\n(.*?)`{3}", readme, re.DOTALL)
    assert problems(config) == ()

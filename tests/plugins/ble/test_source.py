"""The `ble` source: its options, what it declares, and what a poll gives of what its radio hears."""

import importlib
import re
import sys
from pathlib import Path

import msgspec
import pytest
from config_files import HEAD, loaded, problems

from gatewayd.plugin import Channel, Duration, OptionError, Quality, Source, SourceError, now
from gatewayd.testing import made as configured
from gatewayd_plugins import ble
from gatewayd_plugins.ble.adapter.radio import Radio
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders import eddystone, ruuvi
from gatewayd_plugins.ble.decoders.bthome import SERVICE as BTHOME
from gatewayd_plugins.ble.decoders.ruuvi import COMPANY
from gatewayd_plugins.ble.formats import Format
from gatewayd_plugins.ble.hearing.link import LINK
from gatewayd_plugins.ble.source import Ble

ADDRESS = "54:48:E6:8F:80:A5"
KEY = "231d39c1d7cc1ab1aee224cd096db932"
SEALED = bytes.fromhex("41e445f3c9962b332211006c7c4519")
"""The example of https://bthome.io/encryption, of this address and key."""
TAG = bytes.fromhex("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F")
"""The example of Ruuvi's page on its data format 5."""
FIELDS = {"level": {"at": 0, "type": "uint8", "unit": "%"}}


class Quiet(Radio):
    """An adapter that hears what a test says."""

    trouble = ""


def made(address=ADDRESS, **options):
    source = configured(Ble, address=address, **options)
    radio = Quiet("hci0")
    source.use(radio)
    return source, radio._inboxes[address.upper()][-1]


def put(inbox, time=None, **data):
    inbox.put(Advertisement(ADDRESS, now() if time is None else time, -60, "T", **data))


async def polled(source):
    """The good values that a poll gives, and why there are no others."""
    values, reasons = {}, {}
    for block in await source.poll(source.polls(1.0)[0]):
        each = zip(block.channels, block.values, block.qualities, strict=True)
        values.update({name: value for name, value, quality in each if quality == Quality.GOOD})
        reasons.update(block.reasons)
    return values, reasons


def test_the_plugin_registers_the_source():
    registered = {}
    ble.register_sources(registered.__setitem__)
    assert registered == {"ble": Ble}
    assert issubclass(Ble, Source)


def test_a_format_declares_its_usual_channels_and_how_well_the_device_is_heard():
    names = [channel.name for channel in configured(Ble, address=ADDRESS, format="ruuvi").declare()]
    assert names == [
        *("temperature", "humidity", "pressure", "acceleration_x", "acceleration_y", "acceleration_z"),
        *("battery", "movements", "rssi", "age", "packet_loss"),
    ]
    beacon = configured(Ble, address=ADDRESS, format="eddystone_tlm").declare()
    assert [channel.name for channel in beacon] == [
        *("battery", "temperature", "advertisements", "uptime", "rssi", "age")
    ]


def test_only_the_channels_that_are_wanted_are_declared():
    source = configured(Ble, address=ADDRESS, format="bthome", channels=["temperature_2", "door", "rssi"])
    second, door, rssi = source.declare()
    assert second == Channel("temperature_2", "Cel")
    assert door.labels == {0: "closed", 1: "open"}
    assert rssi.unit == "dB{mW}"
    (poll,) = source.polls(5.0)
    assert (poll.interval, poll.channels) == (5.0, ("temperature_2", "door", "rssi"))
    assert sum(each.seconds for each in source.effort(poll)) < 0.01


def test_fields_are_channels_like_any_others():
    source = configured(Ble, address=ADDRESS, data="service:180f", fields=FIELDS)
    assert [channel.name for channel in source.declare()] == ["level", "rssi", "age"]
    counted = configured(Ble, address=ADDRESS, data="service:180f", fields=FIELDS, sequence={"at": 1})
    assert [channel.name for channel in counted.declare()][-1] == "packet_loss"


def test_all_sources_of_an_adapter_share_its_line():
    one = configured(Ble, address=ADDRESS, format="ruuvi").line()
    other = configured(Ble, address="00:00:00:00:00:01", format="ruuvi").line()
    passive = configured(Ble, address=ADDRESS, format="ruuvi", scan="passive").line()
    third = configured(Ble, address=ADDRESS, format="ruuvi", adapter="hci1").line()
    assert (one.key, one.terms) == (other.key, other.terms)
    assert one.terms != passive.terms
    assert one.key != third.key


async def test_a_poll_gives_what_was_heard_since_the_last_one():
    source, inbox = made(address=ADDRESS.lower(), format="ruuvi")
    await source.open()
    put(inbox, manufacturer={COMPANY: TAG})
    values, reasons = await polled(source)
    assert (values["temperature"], values["battery"], values["rssi"]) == (24.3, 2.977, -60)
    assert not reasons
    assert 0 <= values["age"] < 1
    assert set((await polled(source))[0]) == {"age"}
    assert source.about() == {"name": "T", "data format": "5"}


async def test_an_adapter_in_trouble_is_the_reason_of_all_channels():
    source, _ = made(format="ruuvi", channels=["temperature", "age"])
    source._radio.trouble = "there is no adapter hci0"
    await source.open()
    assert (await polled(source))[1]["temperature"] == "there is no adapter hci0"


async def test_too_many_advertisements_for_an_inbox_are_no_loss_of_the_radio():
    source, inbox = made(format="ruuvi", channels=["packet_loss"])
    for number in range(1000):
        data = bytearray(TAG)
        data[16:18] = number.to_bytes(2, "big")
        put(inbox, time=number, manufacturer={COMPANY: bytes(data)})
        if number == 1:
            await polled(source)
    assert (await polled(source))[0] == {"packet_loss": 0.0}


async def test_a_key_opens_what_is_encrypted():
    source, inbox = made(format="bthome", channels=["temperature", "age"], key=KEY)
    await source.open()
    put(inbox, services={BTHOME: SEALED})
    assert (await polled(source))[0]["temperature"] == 25.06


async def test_a_key_may_be_in_a_file(tmp_path):
    (tmp_path / "sensor.key").write_text("231D39C1 D7CC1AB1 AEE224CD 096DB932\n")
    direct, inbox = made(format="bthome", channels=["temperature"], key_file=str(tmp_path / "sensor.key"))
    await direct.open()
    put(inbox, services={BTHOME: SEALED})
    assert (await polled(direct))[0] == {"temperature": 25.06}


@pytest.mark.parametrize("content", [None, b"", b"231d39c1", b"\xff" * 32, KEY.encode() + b"00"])
async def test_a_file_without_a_key_is_told_when_the_source_is_opened(content, tmp_path):
    file = tmp_path / "sensor.key"
    if content is not None:
        file.write_bytes(content)
    source, _ = made(format="bthome", channels=["temperature"], key_file=str(file))
    with pytest.raises(SourceError, match=re.escape(str(file))) as caught:
        await source.open()
    assert KEY not in str(caught.value)


async def test_counters_are_remembered_over_a_restart():
    options = {"format": "bthome", "channels": ["temperature"], "key": KEY}
    before, inbox = made(**options)
    await before.open()
    put(inbox, services={BTHOME: SEALED})
    await polled(before)
    after, _ = made(**options)
    after.recall(before.memory())
    assert after.memory() == before.memory() == b'{"version": 1, "counter": 1122867}'


def test_a_source_without_secrets_remembers_nothing():
    source, _ = made(format="ruuvi")
    source.recall(b"anything")
    assert source.memory() == b""


def test_a_key_is_not_shown():
    assert KEY not in repr(configured(Ble, address=ADDRESS, format="bthome", channels=["door"], key=KEY))


WRONG = [
    ({"address": "CB:B8:33:4C:88", "format": "ruuvi"}, ("address",), "not the address"),
    ({"address": "CB-B8-33-4C-88-4F", "format": "ruuvi"}, ("address",), "not the address"),
    ({"format": "ruuvi", "adapter": "bluetooth0"}, ("adapter",), "not an adapter"),
    ({"format": "ruuvi", "silence": "0s"}, ("silence",), "no time"),
    ({}, ("format",), "nothing would be read"),
    ({"format": "ruuvi", "data": "service:180f", "fields": FIELDS}, ("format",), "another format"),
    ({"channels": ["rssi"], "characteristics": {"a": {"uuid": "2a19"}}}, ("channels",), "nothing is heard"),
    ({"format": "ruuvi", "data": "service:180f"}, ("data",), "without fields"),
    ({"format": "ruuvi", "begins": "01"}, ("begins",), "without fields"),
    ({"format": "ruuvi", "sequence": {"at": 0}}, ("sequence",), "without fields"),
    ({"fields": FIELDS}, ("data",), "in whose data"),
    ({"fields": {"a": {"data": "service:180f"}}, "sequence": {"at": 0}}, ("data",), "in whose data"),
    ({"format": "bthome"}, ("channels",), "each bthome device sends something else"),
    ({"format": "ruuvi", "channels": []}, ("channels",), "no channels"),
    ({"format": "ruuvi", "channels": ["rssi", "temprature"]}, ("channels", 1), "no channel 'temprature'"),
    ({"format": "ruuvi", "channels": ["rssi", "rssi"]}, ("channels", 1), "twice"),
    ({"format": "eddystone_tlm", "channels": ["packet_loss"]}, ("channels", 0), "no numbers"),
    ({"format": "ruuvi", "key": KEY}, ("key",), "bthome"),
    ({"format": "ruuvi", "key_file": "k"}, ("key_file",), "bthome"),
    ({"format": "ruuvi", "accept_restart": True}, ("accept_restart",), "bthome"),
    ({"format": "bthome", "channels": ["door"], "accept_restart": True}, ("accept_restart",), "without a key"),
    ({"format": "bthome", "channels": ["door"], "key": KEY, "key_file": "k"}, ("key_file",), "a key already"),
    ({"format": "bthome", "channels": ["door"], "key": KEY[:-1]}, ("key",), "32 hexadecimal digits"),
    ({"format": "bthome", "channels": ["door"], "key": ""}, ("key",), "32 hexadecimal digits"),
    ({"data": "service:180f", "fields": {"rssi": {}}}, ("fields", "rssi"), "how well"),
    (
        {"format": "ruuvi", "characteristics": {"battery": {"uuid": "2a19", "type": "uint8"}}},
        ("characteristics", "battery"),
        "another channel",
    ),
]


@pytest.mark.parametrize(("options", "path", "what"), WRONG)
def test_options_that_mean_nothing_are_refused_at_their_key(options, path, what):
    with pytest.raises((OptionError, msgspec.ValidationError)) as caught:
        configured(Ble, **{"address": ADDRESS, **options})
    error = caught.value.__cause__ or caught.value
    assert isinstance(error, OptionError)
    assert error.option == path
    assert re.search(what, error.what)
    assert error.fix
    assert KEY[:-1] not in error.what


def test_a_misspelt_channel_gets_the_right_one_named():
    with pytest.raises(msgspec.ValidationError, match="temprature") as caught:
        configured(Ble, address=ADDRESS, format="ruuvi", channels=["temprature"])
    assert caught.value.__cause__.fix == 'did you mean "temperature"?'


def test_the_line_of_a_wrong_channel_is_named(tmp_path):
    text = f"""{HEAD}[sources.motor]
plugin = "ble"
address = "{ADDRESS}"
format = "ruuvi"
channels = [
  "temperature",
  "voltage",
]
[sources.other]
plugin = "ble"
address = "{ADDRESS}"
formt = "ruuvi"
"""
    wrong_channel, *others = problems(tmp_path, text)
    assert wrong_channel.startswith("gatewayd.toml:11:3: ruuvi has no channel 'voltage'; it has acceleration_x, ")
    assert others == ['gatewayd.toml:16:1: unknown key "formt" in [sources.other]; did you mean "format"?']


def test_two_scans_of_one_adapter_must_agree(tmp_path):
    text = HEAD + "".join(
        f'[sources.{name}]\nplugin = "ble"\naddress = "{ADDRESS}"\nformat = "ruuvi"\nscan = "{scan}"\n'
        for name, scan in (("a", "active"), ("b", "passive"))
    )
    (problem,) = problems(tmp_path, text)
    assert "line 'hci0' is 'scan = passive' for b, but 'scan = active' for a" in problem


def test_a_right_config_is_taken(tmp_path):
    text = f'{HEAD}[sources.motor]\nplugin = "ble"\naddress = "{ADDRESS}"\nformat = "ruuvi"\ninterval = "10s"\n'
    config = loaded(tmp_path, text)
    assert config.sources["motor"].polls[0].interval == Duration(10)


def test_what_is_heard_and_what_is_read_are_polled_apart():
    source = configured(
        Ble,
        address=ADDRESS,
        format="ruuvi",
        channels=["temperature", "age"],
        characteristics={"level": {"uuid": "2a19", "type": "uint8", "unit": "%", "interval": "1h"}},
        bursts={"shock": {"uuid": "aa01", "count": 100, "rate": 400, "interval": "10m"}},
    )
    assert [channel.name for channel in source.declare()] == ["temperature", "age", "level", "shock"]
    heard, *read = source.polls(5.0)
    assert heard.channels == ("temperature", "age")
    assert {(poll.interval, poll.channels) for poll in read} == {(3600.0, ("level",)), (600.0, ("shock",))}
    assert len(source.effort(heard)) == 1
    assert source.effort(read[0])
    assert source.poll_limit > 10
    assert configured(Ble, address=ADDRESS, format="ruuvi").poll_limit == 10


def test_the_readme_names_every_channel_of_the_formats_with_few():
    readme = (Path(ble.__file__).parent / "README.md").read_text()
    for channels in (LINK, ruuvi.CHANNELS, eddystone.CHANNELS):
        assert not [name for name in channels if f"`{name}`" not in readme]
    assert not [form for form in Format if f"**{form}**" not in readme]


def test_without_bleak_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("gatewayd_plugins.ble")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bleak", None)
    with pytest.raises(ImportError, match=r"it needs bleak: pip install 'gatewayd\[ble\]'"):
        importlib.import_module("gatewayd_plugins.ble")

"""The options of waveforms: what they declare, what they ask for, and which make no sense."""

import msgspec
import pytest
from modbus_source import configured

from gatewayd.config import load
from gatewayd.errors import ConfigError
from gatewayd.plugin import Channel, Kind, OptionError, Poll

WAVE = {"register": "holding:1000", "count": 1024, "type": "int16", "rate": 6400}
SERIAL = "rtu:/dev/ttyS0?baudrate=19200"


def wave(url="tcp://127.0.0.1", others=None, source=None, **changed):
    """A source with a waveform; what is None is left out."""
    options = {key: value for key, value in {**WAVE, **changed}.items() if value is not None}
    return configured(url, {**(others or {}), "x": options}, **(source or {}))


def asked(source):
    """What is asked for a burst, as texts."""
    source.polls(1000.0)
    return [f"{each.table.name.lower()}:{each.address}+{each.count}" for each in source._captures["x"].requests]


def test_a_count_makes_a_channel_a_waveform():
    source = wave(unit="m/s2", range=[-160, 160.5], others={"p": {"register": "coil:0", "unit": "bar"}})
    assert list(source.declare()) == [Channel("p", "bar"), Channel("x", "m/s2", Kind.WAVEFORM, (-160.0, 160.5))]


def test_each_waveform_has_a_poll_of_its_own():
    others = {"a": "holding:1", "y": {**WAVE, "interval": "5s"}, "b": "holding:2", "z": WAVE}
    polls = wave(others=others, interval="10s").polls(5.0)
    assert polls == [Poll(5.0, ("a", "b")), Poll(5.0, ("y",)), Poll(5.0, ("z",)), Poll(10.0, ("x",))]


def test_a_waveform_is_read_with_the_fewest_requests():
    assert asked(wave()) == [*(f"holding:{1000 + n}+125" for n in range(0, 1000, 125)), "holding:2000+24"]
    assert asked(wave(count=125)) == ["holding:1000+125"]


@pytest.mark.parametrize(
    ("number_type", "most", "counts"),
    [("float32", 125, [124, 76]), ("float32", 7, [6] * 33 + [2]), ("int64", 125, [124, 124, 124, 28])],
)
def test_no_value_is_split(number_type, most, counts):
    blocks = asked(wave(type=number_type, count=100, source={"max_registers": most}))
    assert [int(each.partition("+")[2]) for each in blocks] == counts


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        ({"ready": "coil:5"}, ["coil:5+1"], ["coil:5+1"]),
        ({"sequence": "holding:998"}, ["holding:998+1"], ["holding:998+1"]),
        ({"rate": "holding:990"}, ["holding:990+1"], []),
        ({"ready": "input:5", "sequence": "holding:1"}, ["input:5+1", "holding:1+1"], ["input:5+1", "holding:1+1"]),
        ({"ready": "holding:8", "sequence": "holding:9", "rate": "holding:2"}, ["holding:2+8"], ["holding:2+8"]),
        (
            {"ready": "holding:9", "sequence": {"register": "holding:998", "type": "uint32"}, "rate": "holding:990"},
            ["holding:9+1", "holding:990+10"],
            ["holding:9+1", "holding:990+10"],
        ),
    ],
)  # fmt: skip
def test_what_the_device_says_of_its_burst_is_read_first_and_again_at_the_end(options, before, after):
    assert asked(wave(count=100, **options)) == [*before, "holding:1000+100", *after]


def test_a_poll_may_take_as_long_as_reading_twice_takes():
    source = wave(sequence="holding:998", source={"timeout": "2s"})
    source.polls(10.0)
    assert source.poll_limit >= 2 * (9 + 2) * 2


def refused(**options):
    """What is wrong with these options."""
    with pytest.raises((OptionError, msgspec.ValidationError)) as caught:
        wave(**options)
    error = caught.value if isinstance(caught.value, OptionError) else caught.value.__cause__
    assert isinstance(error, OptionError), caught.value
    return error


@pytest.mark.parametrize(
    ("options", "path", "what", "fix"),
    [
        ({"rate": None}, ("count",), "needs the rate", "rate = 6400"),
        ({"rate": 0}, ("rate",), "0 Hz is no rate", "6400"),
        ({"rate": -1.5}, ("rate",), "-1.5 Hz is no rate", "6400"),
        ({"rate": float("inf")}, ("rate",), "inf Hz", "6400"),
        ({"rate": float("nan")}, ("rate",), "nan Hz", "6400"),
        ({"rate": "6400 Hz"}, ("rate",), "'6400 Hz' is not a register", "holding:100"),
        ({"rate": "coil:1"}, ("rate",), "a bit cannot be the rate", "holding:998"),
        ({"rate": {"register": "990"}}, ("rate", "register"), "'990' is not a register", "holding:100"),
        ({"rate": {"register": "holding:990", "bit": 1}}, ("rate",), "a bit cannot be the rate", "holding:998"),
        ({"rate": {"register": "holding:990", "scale": 0.0}}, ("rate", "scale"), "leaves nothing", "0.1"),
        ({"register": "coil:1", "type": None}, ("register",), "'coil:1' is a bit", "holding:1000"),
        ({"register": "discrete:1"}, ("type",), "single bit", "leave type out"),
        ({"bit": 3}, ("bit",), "no waveforms of bits", "leave bit out"),
        ({"type": "bool"}, ("type",), "no waveforms of bits", "int16"),
        ({"register": "holding:65000"}, ("count",), "1024 values of int16 from 65000 on end behind", "up to 536"),
        ({"register": "holding:65000", "type": "int64", "count": 135}, ("count",), "end behind", "up to 134"),
        ({"range": [160, -160]}, ("range",), "160 to -160 is no range", "[-160, 160]"),
        ({"range": [1, 1]}, ("range",), "1 to 1 is no range", "[-160, 160]"),
        ({"range": [float("nan"), 1]}, ("range",), "nan to 1", "[-160, 160]"),
        ({"ready": "coil"}, ("ready",), "'coil' is not a register", "coil:0"),
        ({"ready": {"register": "coil:1", "bit": 1}}, ("ready", "bit"), "single bit", "leave bit out"),
        ({"sequence": "coil:1"}, ("sequence",), "a bit cannot be the sequence", "holding:998"),
        ({"sequence": {"register": "input:1", "type": "float32"}}, ("sequence", "type"), "float32 is not", "whole"),
        ({"sequence": "holding:70000"}, ("sequence",), "above 65535", "0 to 65535"),
        ({"count": None}, ("rate",), "rate is for waveforms", "give count"),
        ({"count": None, "rate": None, "range": [1, 0]}, ("range",), "1 to 0 is no range", "[-160, 160]"),
        ({"count": None, "rate": None, "ready": "coil:1"}, ("ready",), "ready is for waveforms", "give count"),
        ({"count": None, "rate": None, "sequence": "input:1"}, ("sequence",), "is for waveforms", "give count"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_the_guilty_key(options, path, what, fix):
    error = refused(**options)
    assert error.option == ("channels", "x", *path)
    assert what in error.what
    assert fix in error.fix


@pytest.mark.parametrize(
    "options",
    [
        {"type": "float64"},
        {"rate": {"register": "holding:1", "type": "float64"}},
        {"sequence": {"register": "holding:1", "type": "uint64"}},
        {"ready": {"register": "holding:1", "type": "uint64"}},
    ],
)
def test_no_number_of_a_waveform_may_be_longer_than_a_request(options):
    error = refused(source={"max_registers": 3}, **options)
    assert (error.option, error.fix) == (("max_registers",), "give at least 4")


# --- the time on a serial line ------------------------------------------------------------------------------------


def test_a_waveform_may_not_take_longer_than_there_is_from_one_to_the_next():
    source = wave(SERIAL)
    with pytest.raises(OptionError) as caught:
        source.polls(1.0)
    assert caught.value.option == ("interval",)
    assert "waveform 'x' is on the line for 1.28 s, and is to be read every 1 s" in caught.value.what
    assert caught.value.fix == 'give it interval = "3s", so that others are read, too'
    assert wave(SERIAL).polls(1.5)


def test_it_is_the_interval_of_the_waveform_that_is_guilty_if_it_has_one():
    with pytest.raises(OptionError) as caught:
        wave(SERIAL, interval="500ms").polls(10.0)
    assert caught.value.option == ("channels", "x", "interval")


@pytest.mark.parametrize("url", ["tcp://127.0.0.1", "rtu+tcp://127.0.0.1:4196"])
def test_where_the_baud_rate_is_not_known_nothing_is_said(url):
    assert wave(url, interval="10ms").polls(1.0)


# --- as an integrator sees it -------------------------------------------------------------------------------------


def told(tmp_path, channel):
    """What `load` says of a config with this waveform."""
    path = tmp_path / "gatewayd.toml"
    head = '[gateway]\nid = "x"\n[mqtt]\nurl = "mqtt://localhost"\n[sources.pump1]\nplugin = "modbus"\n'
    head += f'interval = "1s"\nurl = "{SERIAL}"\n[sources.pump1.channels]\n'
    path.write_text(head + channel)
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ('^rate = "6400"', "'6400' is not a register"),
        ('rate = { register = "holding:9", ^typ = "uint32" }', 'unknown key "typ" in'),
        ('^rate = { type = "uint32" }', '"register" is missing in'),
        ('rate = { register = "holding:9", ^type = "uint23" }', 'did you mean "uint32"'),
        ('rate = { register = "holding:9", ^scale = 0.0 }', "leaves nothing"),
        ("^rate = true", "expected a number or text or a table"),
        ("rate = 640, ^range = [1]", "expected a list of 2 elements"),
        ("rate = 640, ^range = [2, 1]", "2 to 1 is no range"),
        ("rate = 640, sequence = { ^register = 7 }", "expected text"),
        ('rate = 640, ^interval = "1s"', "is on the line for 1.28 s, and is to be read every 1 s"),
    ],
)
def test_each_mistake_is_found_at_its_place(tmp_path, rest, what):
    channel = 'x = { register = "holding:1000", count = 1024, ' + rest + " }\n"
    said = told(tmp_path, channel.replace("^", ""))
    assert f"gatewayd.toml:10:{channel.index('^') + 1}: " in said
    assert what in said


def test_an_interval_of_the_source_that_is_too_short_is_found_at_its_place(tmp_path):
    said = told(tmp_path, 'x = { register = "holding:1000", count = 1024, rate = 640 }\n')
    assert "gatewayd.toml:7:1: waveform 'x' is on the line for 1.28 s, and is to be read every 1 s" in said

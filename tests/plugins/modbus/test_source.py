"""The options of the `modbus` source, and what it declares."""

import re

import msgspec
import pytest
from modbus_source import configured, refused

from gatewayd.plugin import Channel, Source
from gatewayd_plugins import modbus
from gatewayd_plugins.modbus.source import Modbus
from gatewayd_plugins.modbus.wire.address import Framing, SerialAddress, TcpAddress
from gatewayd_plugins.modbus.wire.url import parse

ONE = {"a": "holding:0"}


def test_the_plugin_registers_the_source():
    registered = {}
    modbus.register_sources(registered.__setitem__)
    assert registered == {"modbus": Modbus}
    assert issubclass(Modbus, Source)


def test_only_url_and_channels_must_be_given():
    source = configured("tcp://10.0.0.5", ONE)
    assert (source.unit, source.timeout, source.max_registers, source.max_hole) == (1, 1.0, 125, 64)


def test_channels_are_declared_with_their_units():
    source = configured(channels={"p": {"register": "holding:1", "unit": "bar"}, "on": "coil:0"})
    assert list(source.declare()) == [Channel("p", "bar"), Channel("on")]


def test_there_is_one_poll_for_each_interval():
    channels = {
        "a": "holding:0",
        "fast": {"register": "holding:1", "interval": "100ms"},
        "b": "coil:2",
        "too": {"register": "input:9", "interval": "1s"},
    }
    polls = configured(channels=channels).polls(1.0)
    assert [(poll.interval, poll.channels) for poll in polls] == [(1.0, ("a", "b", "too")), (0.1, ("fast",))]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("tcp://10.0.0.5:1502", TcpAddress("10.0.0.5", 1502)),
        ("tcp://plc.local", TcpAddress("plc.local", 502)),
        ("tcp://plc.local/", TcpAddress("plc.local", 502)),
        ("tcp://[fe80::1]:502", TcpAddress("fe80::1", 502)),
        ("rtu+tcp://10.0.0.7:4196", TcpAddress("10.0.0.7", 4196, Framing.RTU)),
        ("rtu:/dev/ttyUSB0", SerialAddress("/dev/ttyUSB0", 9600, "N", 1)),
        ("rtu:/dev/ttyS1?baudrate=19200&parity=E&stopbits=2", SerialAddress("/dev/ttyS1", 19200, "E", 2)),
    ],
)
def test_urls(url, address):
    assert parse(url) == address


def test_keys_and_terms_tell_lines_apart():
    tcp, rtu = parse("tcp://h:502"), parse("rtu+tcp://h:502")
    assert (tcp.key, rtu.key, tcp.terms == rtu.terms) == ("h:502", "h:502", False)
    assert parse("tcp://[::1]:502").key == "[::1]:502"
    slow, fast = parse("rtu:/dev/ttyS1?baudrate=9600"), parse("rtu:/dev/ttyS1?baudrate=19200")
    assert (slow.key, fast.key, slow.terms == fast.terms) == ("/dev/ttyS1", "/dev/ttyS1", False)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "no scheme"),
        ("10.0.0.5:502", "no scheme|scheme '10.0.0.5'|unknown"),
        ("udp://10.0.0.5", "scheme 'udp' is unknown"),
        ("modbus://10.0.0.5", "scheme 'modbus' is unknown"),
        ("tcp://", "host is missing"),
        ("tcp://:502", "host is missing"),
        ("tcp:10.0.0.5", "host is missing"),
        ("tcp://h:0", "port is missing"),
        ("tcp://h:70000", "[Pp]ort"),
        ("tcp://h:x", "[Pp]ort"),
        ("tcp://[::1", "IPv6"),
        ("tcp://me@h", "more than a host"),
        ("tcp://h/unit/1", "more than a host"),
        ("tcp://h?baudrate=9600", "more than a host"),
        ("rtu+tcp://h", "port is missing"),
        ("rtu:", "serial port is missing"),
        ("rtu:ttyUSB0", "serial port is missing"),
        ("rtu://host/dev/ttyUSB0", "serial port is missing"),
        ("rtu:/dev/ttyUSB0?parity=even", "parity cannot be 'even'"),
        ("rtu:/dev/ttyUSB0?baudrate=fast", "baudrate cannot be 'fast'"),
        ("rtu:/dev/ttyUSB0?baudrate=0", "baudrate cannot be '0'"),
        ("rtu:/dev/ttyUSB0?baudrate=", "baudrate cannot be ''"),
        ("rtu:/dev/ttyUSB0?stopbits=3", "stopbits cannot be '3'"),
        ("rtu:/dev/ttyUSB0?bytesize=7", "'bytesize' is unknown"),
        ("rtu:/dev/ttyUSB0?parity=E&parity=N", "parity is given twice"),
    ],
)
def test_urls_that_mean_nothing_are_refused_with_what_would_be_right(url, what):
    error = refused(url=url)
    assert error.option == ("url",)
    assert re.search(what, error.what)
    assert error.fix


@pytest.mark.parametrize(
    ("channel", "key", "what", "fix"),
    [
        ({"register": "100"}, "register", "'100' is not a register", "holding:100"),
        ({"register": "holding"}, "register", "is not a register", "holding:100"),
        ({"register": "Holding:1"}, "register", "is not a register", "holding:100"),
        ({"register": "holding:-1"}, "register", "is not a register", "holding:100"),
        ({"register": "holding:1.5"}, "register", "is not a register", "holding:100"),
        ({"register": "holding:0xZZ"}, "register", "is not a register", "holding:100"),
        ({"register": "holding:٣"}, "register", "is not a register", "holding:100"),
        ({"register": "holding:65536"}, "register", "above 65535", "0 to 65535"),
        ({"register": "holding:400101"}, "register", "above 65535", '"holding:100"'),
        ({"register": "input:300001"}, "register", "above 65535", '"input:0"'),
        ({"register": "holding:300001"}, "register", "above 65535", "0 to 65535"),
        ({"register": "holding:65533", "type": "float64"}, "register", "ends behind", "up to 65532"),
        ({"register": "input:65535", "type": "int32"}, "register", "ends behind", "up to 65534"),
        ({"register": "coil:1", "bit": 3}, "bit", "single bit", "leave bit out"),
        ({"register": "discrete:1", "byte_order": "CDAB"}, "byte_order", "single bit", "leave byte_order out"),
        ({"register": "coil:1", "type": "float32"}, "type", "single bit", "leave type out"),
        ({"register": "holding:1", "type": "bool"}, "type", "not a single bit", "bit = 0"),
        ({"register": "holding:1", "type": "float32", "bit": 3}, "bit", "not from float32", "leave type out"),
        ({"register": "holding:1", "scale": 0.0}, "scale", "leaves nothing", "0.1"),
        ({"register": "holding:1", "scale": float("nan")}, "scale", "nan", "0.1"),
        ({"register": "holding:1", "scale": float("inf")}, "scale", "inf", "0.1"),
        ({"register": "holding:1", "offset": float("nan")}, "offset", "nan", "0"),
    ],
)  # fmt: skip
def test_channels_that_mean_nothing_are_refused_at_the_guilty_key(channel, key, what, fix):
    error = refused(channels={**ONE, "x": channel})
    assert error.option == ("channels", "x", key)
    assert what in error.what
    assert fix in error.fix


@pytest.mark.parametrize(
    ("options", "path", "what"),
    [
        ({"channels": {}}, ("channels",), "no channels"),
        ({"timeout": "0s"}, ("timeout",), "0 s is no time"),
        ({"timeout": "5m"}, ("timeout",), "300 s is no time"),
        ({"timeout": "1s", "turnaround": "1100ms"}, ("turnaround",), "waited for only 1 s"),
        ({"url": "rtu:/dev/ttyUSB0", "unit": 0}, ("unit",), "none answers"),
        ({"url": "rtu+tcp://h:1", "unit": 248}, ("unit",), "reserved"),
        (
            {"channels": {"x": {"register": "input:0", "type": "int64"}}, "max_registers": 3},
            ("max_registers",),
            "'x' alone",
        ),
    ],
)
def test_other_contradictions_are_refused(options, path, what):
    error = refused(**options)
    assert error.option == path
    assert what in error.what
    assert error.fix


@pytest.mark.parametrize(
    "options",
    [
        {"unit": 256},
        {"unit": -1},
        {"max_registers": 126},
        {"max_registers": 0},
        {"max_hole": -1},
        {"timeout": "1"},
        {"channels": {"a": {"register": "holding:0", "type": "int8"}}},
        {"channels": {"a": {"register": "holding:0", "byte_order": "ACBD"}}},
        {"channels": {"a": {"register": "holding:0", "bit": 16}}},
    ],
)
def test_types_and_bounds_are_those_that_msgspec_checks(options):
    with pytest.raises(msgspec.ValidationError):
        configured(**{"channels": ONE, **options})


@pytest.mark.parametrize("address", ["holding:65535", "input:0xFFFF", "coil:65535", "discrete:0XfFfF"])
def test_the_last_address_of_a_table_is_an_address(address):
    source = configured(channels={"a": address})
    source.polls(1.0)
    assert source._readings[1.0].requests[0].address == 65535


def test_a_poll_may_take_as_long_as_all_its_requests():
    channels = {
        "a": "holding:0",
        "b": "holding:1000",
        "c": "input:0",
        "fast": {"register": "coil:0", "interval": "100ms"},
    }
    source = configured(channels=channels, timeout="5s")
    source.polls(1.0)
    assert source.poll_limit >= 4 * 5 + 10
    slow = configured("rtu:/dev/ttyS0?baudrate=300", channels, timeout="5s")
    slow.polls(1.0)
    assert slow.poll_limit >= 4 * (5 + 256 * 11 / 300)


def test_sources_on_one_port_share_a_line_and_differ_in_its_terms():
    one, same, other = (configured(f"rtu:/dev/ttyS0?baudrate={rate}", ONE).line() for rate in (9600, 9600, 19200))
    assert one.key == same.key == other.key == "/dev/ttyS0"
    assert one.terms == same.terms != other.terms


def test_two_paths_of_one_port_are_one_line_and_messages_keep_the_path_that_was_given(tmp_path):
    port, link = tmp_path / "ttyUSB0", tmp_path / "usb-moxa"
    port.touch()
    link.symlink_to(port)
    line, other = (configured(f"rtu:{path}", ONE).line() for path in (link, port))
    assert line.key == other.key
    assert (line.name, other.name) == (str(link), str(port))


def test_a_port_that_is_not_there_yet_is_known_by_the_path_that_was_given(tmp_path):
    line = configured(f"rtu:{tmp_path}/usb-moxa", ONE).line()
    assert line.key == line.name == f"{tmp_path}/usb-moxa"


@pytest.mark.parametrize("host", ["a..b", ".a", "x" * 64])
def test_a_host_that_nobody_can_look_up_is_refused(host):
    assert "the host has an empty or too long part" in refused(url=f"tcp://{host}").what


def test_a_poll_takes_an_hour_at_most():
    channels = {f"h{n}": f"holding:{200 * n}" for n in range(60)}
    source = configured(channels=channels, timeout="60s")
    source.polls(1.0)
    assert source.poll_limit == 3600

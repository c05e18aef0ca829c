"""Addresses: of registers, by table or as manuals number them, and of devices."""

import os
import re

import pytest
from certificates import made_certificates
from hypothesis import given
from hypothesis import strategies as st
from modbus_source import configured, refused
from texts import CHARACTERS, texts

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields import registers
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.wire.address import Framing, SerialAddress, TcpAddress
from gatewayd_plugins.modbus.wire.secure import Tls
from gatewayd_plugins.modbus.wire.url import parse


def place(register, base=0):
    source = configured(channels={"x": register}, base=base)
    return source._fields["x"].table, source._fields["x"].address


@pytest.mark.parametrize(
    ("register", "base", "table", "address"),
    [
        ("holding:100", 0, Table.HOLDING, 100),
        ("holding:101", 1, Table.HOLDING, 100),
        ("input:0x65", 1, Table.INPUT, 100),
        ("coil:65536", 1, Table.COIL, 65535),
        ("40001", 0, Table.HOLDING, 0),
        ("40101", 0, Table.HOLDING, 100),
        ("40101", 1, Table.HOLDING, 100),
        ("400101", 0, Table.HOLDING, 100),
        ("465536", 0, Table.HOLDING, 65535),
        ("49999", 0, Table.HOLDING, 9998),
        ("30011", 0, Table.INPUT, 10),
        ("10004", 0, Table.DISCRETE, 3),
        ("00001", 0, Table.COIL, 0),
        ("000001", 0, Table.COIL, 0),
    ],
)
def test_registers_are_written_with_their_table_or_as_in_the_manual(register, base, table, address):
    assert place(register, base) == (table, address)


@pytest.mark.parametrize(
    ("register", "base", "what", "fix"),
    [
        ("40000", 0, "there is no 40000 in the holding table: the first one is 40001", '"holding:0"'),
        ("300000", 0, "the first one is 300001", '"input:0"'),
        ("465537", 0, "the last one 465536", '"holding:65535"'),
        ("20001", 0, "'20001' is not a register", '"40101"'),
        ("4101", 0, "'4101' is not a register", '"40101"'),
        ("holding:0", 1, "the address 0 in 'holding:0' is below 1", "count from 1 to 65536"),
        ("holding:65537", 1, "above 65536", "count from 1 to 65536"),
        ("holding:400101", 1, "above 65536", '"holding:101", or "400101" alone'),
        ("holding:400101", 0, "above 65535", '"holding:100", or "400101" alone'),
    ],
)
def test_registers_that_do_not_exist_are_refused_with_what_may_be_meant(register, base, what, fix):
    error = refused(channels={"x": register}, base=base)
    assert error.option == ("channels", "x", "register")
    assert what in error.what
    assert fix in error.fix


def test_the_base_holds_for_all_that_is_read_of_a_burst():
    burst = {
        "register": "holding:101",
        "count": 8,
        "rate": {"register": "holding:51"},
        "ready": "coil:6",
        "sequence": "40100",
    }
    wave = configured(channels={"x": burst}, base=1)._waves["x"]
    assert [each.address for each in (wave.first, wave.rate, wave.ready, wave.sequence)] == [100, 50, 5, 99]


def test_ends_are_told_in_the_numbers_that_the_integrator_counts_in():
    error = refused(channels={"x": {"register": "holding:65536", "type": "int32"}}, base=1)
    assert error.what == "int32 at 65536 ends behind the last address, 65536"
    assert error.fix == "give an address up to 65535"


# --- of devices ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("tls://plc", TcpAddress("plc", 802, tls=Tls())),
        ("tls://plc:8802", TcpAddress("plc", 8802, tls=Tls())),
        ("ascii+tcp://10.0.0.7:4196", TcpAddress("10.0.0.7", 4196, Framing.ASCII)),
        ("ascii:/dev/ttyS0", SerialAddress("/dev/ttyS0", 9600, "E", 1, Framing.ASCII, 7)),
        (
            "ascii:/dev/ttyS0?baudrate=19200&parity=N&bytesize=8&stopbits=2",
            SerialAddress("/dev/ttyS0", 19200, "N", 2, Framing.ASCII, 8),
        ),
    ],
)
def test_urls(url, address):
    assert parse(url) == address


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("ascii+tcp://h", "port is missing"),
        ("tls://", "host is missing"),
        ("ascii:ttyS0", "serial port is missing"),
        ("ascii:/dev/ttyS0?bytesize=6", "bytesize cannot be '6'"),
        ("rtu:/dev/ttyS0?bytesize=8", "'bytesize' is unknown"),
        ("rtu+tls://h:1", "scheme 'rtu+tls' is unknown"),
    ],
)
def test_urls_that_mean_nothing_are_refused(url, what):
    error = refused(url=url)
    assert error.option == ("url",)
    assert what in error.what


schemes = st.sampled_from(["tcp://", "tls://", "rtu+tcp://", "ascii+tcp://", "rtu:/dev/", "ascii:/", "rtu:", ""])
pieces = st.sampled_from(["h", ":1", "[::1]", "?", "baudrate=9600", "&", "parity=E", "/", "@", "#", "%00", "é", " "])


def outcome(function, *arguments):
    """What it gives, and what it complains about."""
    try:
        return function(*arguments), None
    except OptionError as error:
        return None, error


@given(schemes, st.lists(pieces, max_size=6).map("".join) | texts(max_size=12))
def test_any_url_is_an_address_or_wrong_for_a_reason(scheme, rest):
    address, wrong = outcome(parse, scheme + rest)
    if wrong:
        assert wrong.option == ("url",)
        assert wrong.what
        assert wrong.fix
    else:
        assert all((address.key, address.name, address.terms))


@given(
    texts(max_size=14) | st.from_regex(r"(holding|coil|4|0|3|1):?(0x)?[0-9]{1,7}", fullmatch=True, alphabet=CHARACTERS)
)
def test_any_register_is_a_place_or_wrong_for_a_reason(register):
    for base in (0, 1):
        found, wrong = outcome(registers.place, register, base, ["x"])
        if wrong:
            assert wrong.option == ("x", "register")
            assert wrong.fix
        else:
            table, address = found
            assert 0 <= address <= 65535
            assert table in Table


def test_framings_of_one_port_are_not_one_line():
    urls = ["rtu:/dev/ttyS0?parity=E", "ascii:/dev/ttyS0", "ascii:/dev/ttyS0?bytesize=8"]
    lines = [configured(url, {"a": "holding:0"}).line() for url in urls]
    assert len({line.key for line in lines}) == 1
    assert len({line.terms for line in lines}) == 3


def test_who_shares_a_connection_of_tls_must_trust_the_same(tmp_path):
    made = made_certificates(tmp_path)
    plain, secure = parse("tcp://h:802"), configured("tls://h", {"a": "holding:0"}).line()
    other = configured("tls://h", {"a": "holding:0"}, ca_file=made.authority).line()
    assert plain.key == secure.key == other.key
    assert (plain.terms, secure.terms, other.terms) == ("tcp", "tls", f"tls ca_file='{made.authority}'")


def test_files_that_are_no_certificates_are_refused(tmp_path):
    made = made_certificates(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    wrong = {
        "ca_file": {"ca_file": made.key},
        "cert_file": {"cert_file": made.key, "key_file": made.key},
        "key_file": {"cert_file": made.certificate, "key_file": tmp_path / "ca.key"},
    }
    assert "cannot be read" in refused(url="tls://h", ca_file=tmp_path / "pipe").what
    for key, options in wrong.items():
        error = refused(url="tls://h", **options)
        assert error.option == (key,)
        assert "cannot be used (" in error.what
        assert "give a PEM file" in error.fix
    assert configured("tls://h", {"a": "holding:0"}, cert_file=made.certificate, key_file=made.key)


@pytest.mark.parametrize(
    ("options", "key", "what", "fix"),
    [
        ({"url": "tcp://h", "ca_file": "ca.pem"}, "ca_file", "no use without TLS", "tls://"),
        ({"url": "rtu:/dev/ttyS0", "server_name": "x"}, "server_name", "no use without TLS", "tls://"),
        (
            {"ca_file": "/no/ca.pem"},
            "ca_file",
            "'/no/ca.pem' cannot be read (No such file",
            "give a PEM file that gatewayd may read",
        ),
        ({"key_file": "k.pem"}, "key_file", "no use without cert_file", "add cert_file"),
        ({"server_name": ""}, "server_name", "anyone with a certificate", "the device's own certificate as ca_file"),
    ],
)
def test_security_that_is_none_is_refused(options, key, what, fix):
    error = refused(**{"url": "tls://h", **options})
    assert error.option == (key,)
    assert what in error.what
    assert re.search(fix, error.fix)

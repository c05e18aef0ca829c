"""TCP, TLS, RTU and ASCII against pymodbus' own servers: one device, however it is connected."""

import asyncio
import itertools
import re
from contextlib import AsyncExitStack

import pytest
from certificates import made_certificates
from cutting import wire_to
from modbus_server import UNIT, ascii_on_tcp, on_serial, on_tcp, on_tls, rtu_on_tcp
from modbus_source import configured, reading
from ports import free_port

from gatewayd.testing import serving

CHANNELS = {
    "coil1": "coil:1",
    "discrete2": "discrete:2",
    "h5": "40006",
    "wide": {"register": "holding:100", "type": "uint32"},
    "temp": {"register": "input:0", "type": "int16", "scale": 0.1},
}
RIGHT = {"coil1": 1.0, "discrete2": 0.0, "h5": 5.0, "wide": 100.0 * 65536 + 101, "temp": -20.0}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return made_certificates(tmp_path_factory.mktemp("certificates"))


async def read_once(url, **options):
    async with reading(configured(url, CHANNELS, unit=UNIT, **{"timeout": "3s", **options})) as reader:
        return await reader.values()


@pytest.mark.parametrize("connected", [on_tcp, rtu_on_tcp, ascii_on_tcp])
async def test_a_device_is_read_over_tcp(connected):
    async with connected() as url:
        assert await read_once(url) == RIGHT


@pytest.mark.parametrize("scheme", ["rtu", "ascii"])
async def test_a_device_is_read_on_a_serial_port(scheme):
    async with on_serial(scheme) as url:
        assert await read_once(url) == RIGHT


@pytest.mark.parametrize("connected", [on_tcp, rtu_on_tcp, ascii_on_tcp])
async def test_a_server_that_restarts_is_found_again(connected):
    port = free_port()
    async with connected(port) as url:
        source = configured(url, {"h5": "holding:5"}, unit=UNIT, timeout="3s")
    async with reading(source) as reader:
        assert "cannot open" in await reader.values()
        for _ in range(2):
            async with connected(port):
                assert await reader.values() == {"h5": 5.0}
            assert isinstance(await reader.values(), str)


@pytest.mark.parametrize("connected", [on_tcp, rtu_on_tcp, ascii_on_tcp, "tls"])
async def test_a_connection_that_breaks_anywhere_is_made_anew(connected, certificates):
    secure = connected == "tls"
    options = {"ca_file": certificates.authority} if secure else {}
    device = on_tls(certificates) if secure else connected()
    async with AsyncExitStack() as stack:
        wire, url = await stack.enter_async_context(wire_to(await stack.enter_async_context(device)))
        source = configured(url, CHANNELS, unit=UNIT, timeout="100ms", **options)
        reader = await stack.enter_async_context(reading(source))
        for wire.cut_at, wire.resets in itertools.product((0, 9), (False, True)):
            await until_cut(reader, wire)
            assert await until_right(reader) == RIGHT


async def until_cut(reader, wire):
    """Read until the wire was cut: what is told until then is right or a reason."""
    for _ in range(100):
        told = await reader.values()
        assert told == RIGHT or isinstance(told, str)
        if wire.cut_at is None:
            return
    raise AssertionError("it is not cut")


async def until_right(reader):
    async with asyncio.timeout(20):
        while not isinstance(told := await reader.values(), dict):
            await asyncio.sleep(0.001)
    return told


# --- TLS ----------------------------------------------------------------------------------------------------------


async def test_a_device_is_read_over_tls(certificates):
    async with on_tls(certificates) as url:
        assert await read_once(url, ca_file=certificates.authority) == RIGHT


async def test_a_device_whose_certificate_nobody_vouches_for_is_not_read(certificates):
    async with on_tls(certificates) as url:
        told = await read_once(url)
    assert re.search(r"the device's certificate is not accepted: .+; check ca_file", told)


async def test_the_name_in_the_certificate_must_be_the_hosts_or_the_one_that_is_given(certificates):
    async with on_tls(certificates) as url:
        named = {"ca_file": certificates.authority}
        told = await read_once(url, server_name="pump7", **named)
        assert "not accepted: Hostname mismatch" in told
        assert "set server_name to the name in the certificate" in told
        assert await read_once(url.replace("127.0.0.1", "localhost"), server_name="127.0.0.1", **named) == RIGHT
        assert "not accepted" in await read_once(url.replace("127.0.0.1", "localhost"), **named)
        assert await read_once(url.replace("127.0.0.1", "localhost"), server_name="", **named) == RIGHT


async def test_a_device_that_wants_our_certificate_gets_it(certificates):
    ours = {"cert_file": certificates.certificate, "key_file": certificates.key}
    async with on_tls(certificates, mutual=True) as url:
        assert await read_once(url, ca_file=certificates.authority, **ours) == RIGHT
        told = await read_once(url, ca_file=certificates.authority)
    assert "does it want a certificate of ours (cert_file)?" in told


async def test_a_device_without_tls_is_told_in_words(certificates):
    async def plain(reader, writer):
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(plain) as port:
        told = await read_once(f"tls://127.0.0.1:{port}", ca_file=certificates.authority)
    assert "cannot open" in told
    assert "no TLS handshake: wrong version number" in told


async def test_a_device_that_hangs_up_on_tls_is_told_in_words(certificates):
    async def plain(reader, _writer):
        await reader.read(1000)

    async with serving(plain) as port:
        told = await read_once(f"tls://127.0.0.1:{port}", ca_file=certificates.authority)
    assert told == f"cannot open 127.0.0.1:{port}: closed by the other end; is this a port of TLS?"


async def test_a_device_that_never_shakes_hands_does_not_hold_the_line_up(certificates):
    async def silent(reader, _writer):
        while await reader.read(100):
            pass

    async with serving(silent) as port:
        async with asyncio.timeout(20):
            told = await read_once(f"tls://127.0.0.1:{port}", timeout="200ms", ca_file=certificates.authority)
    assert told == f"cannot connect to 127.0.0.1:{port} within 0.2 s; is this a port of TLS?"


async def test_a_server_on_tls_that_restarts_is_found_again(certificates):
    port = free_port()
    source = configured(
        f"tls://127.0.0.1:{port}", {"h5": "holding:5"}, unit=UNIT, timeout="2s", ca_file=certificates.authority
    )
    async with reading(source) as reader:
        for _ in range(2):
            async with on_tls(certificates, port=port):
                assert await reader.values() == {"h5": 5.0}
            assert isinstance(await reader.values(), str)


async def test_a_certificate_file_that_is_gone_is_told_when_it_is_needed(certificates, tmp_path):
    authority = tmp_path / "ca.pem"
    authority.write_bytes(certificates.authority.read_bytes())
    async with on_tls(certificates) as url:
        source = configured(url, {"h5": "holding:5"}, unit=UNIT, ca_file=authority)
        authority.unlink()
        async with reading(source) as reader:
            assert await reader.values() == f"TLS: cannot use {authority}: No such file or directory"
            authority.write_bytes(certificates.authority.read_bytes())
            assert await reader.values() == {"h5": 5.0}

"""Fake devices: on TCP, on a serial port, behind a faulty wire."""

import asyncio
import os
import socket
from contextlib import asynccontextmanager, suppress

import pytest

from gatewayd.plugin import SourceError
from gatewayd.testing import FakeLine, faulty_wire, serial_port, serving


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())


@asynccontextmanager
async def wired():
    async with serving(echo) as port, faulty_wire(port) as wire:
        yield wire


async def ask(wire, words=b"abc\n", limit=20.0):
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(words)
    try:
        async with asyncio.timeout(limit):
            return await reader.read(100) if wire.crumb else await reader.readline()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_wire_without_faults_passes_everything_on():
    async with wired() as wire:
        assert await ask(wire) == b"ABC\n"
        assert wire.connections == 1


async def test_a_wire_may_be_silent_and_heals():
    async with wired() as wire:
        wire.silent = True
        with pytest.raises(TimeoutError):
            await ask(wire, limit=0.05)
        wire.heal()
        assert await ask(wire) == b"ABC\n"


@pytest.mark.parametrize(
    ("fault", "value", "answer"),
    [("cuts_after", 2, b"AB"), ("cuts_after", 0, b""), ("crumb", 1, b"A"), ("refuses", True, b"")],
)
async def test_a_wire_does_as_it_is_told(fault, value, answer):
    async with wired() as wire:
        setattr(wire, fault, value)
        assert await ask(wire) == answer


async def test_a_garbled_answer_has_no_byte_right():
    async with wired() as wire:
        wire.garbles = True
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        asked = bytes(range(97, 123)) + b"\n"
        writer.write(asked)
        answer = await reader.readexactly(len(asked))
        assert all(wrong != right for wrong, right in zip(answer, asked.upper(), strict=True))
        writer.close()


async def test_a_wire_may_be_late():
    async with wired() as wire:
        wire.delay = 0.03
        begun = asyncio.get_running_loop().time()
        assert await ask(wire) == b"ABC\n"
        assert asyncio.get_running_loop().time() - begun >= 0.029


async def test_a_connection_can_be_cut():
    async with wired() as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(b"x\n")
        assert await reader.readline() == b"X\n"
        wire.cut()
        assert await reader.read() == b""
        writer.close()


async def test_what_is_on_a_serial_port_answers():
    async with serial_port(echo) as path:
        port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(port, b"\x00abc\n")
            answer = b""
            while not answer.endswith(b"\n"):
                answer += await asyncio.to_thread(os.read, port, 100)
            assert answer == b"\x00ABC\n"
        finally:
            os.close(port)


async def test_a_fake_line_keeps_what_is_done_with_it_and_fails_when_told():
    line = FakeLine("COM1")
    await line.open()
    await line.recover()
    await line.close()
    line.away = line.hopeless = True
    for call in (line.open, line.recover):
        with pytest.raises(SourceError):
            await call()
    assert line.log == ["open", "recover", "close", "open", "recover"]


async def test_a_silent_wire_does_not_tell_that_the_device_has_hung_up():
    async def talk(reader, writer):
        writer.write(b"1\n")

    async with serving(talk) as port, faulty_wire(port) as wire:
        assert await ask(wire) == b"1\n"
        wire.silent = True
        with pytest.raises(TimeoutError):
            await ask(wire, limit=0.05)


@pytest.mark.parametrize("moments", range(6))
async def test_a_connection_that_is_being_accepted_as_the_server_closes_is_closed_too(moments):
    async def listen(reader, writer):
        await reader.read()

    async with serving(listen) as port:
        connection = socket.create_connection(("127.0.0.1", port))
        for _ in range(moments):
            await asyncio.sleep(0)
    with connection:
        connection.settimeout(20.0)
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""

"""Asking systemd-timedated over a real bus: the real one where it is installed, and one that says what we want."""

import asyncio
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.signature import Variant

from gatewayd.testing.bluetooth.private_bus import PrivateBus, available
from gatewayd.timeservice import kernel, timedated

REAL = Path("/lib/systemd/systemd-timedated")

with_a_bus = pytest.mark.skipif(not available(), reason="there is no dbus-daemon (package dbus)")


@pytest.fixture
def bus():
    with PrivateBus() as private:
        yield Path(private.address.removeprefix("unix:path="))


async def asked_of(bus, answer):
    """What we make of a timedated that gives this answer."""
    service = await MessageBus(bus_type=BusType.SYSTEM).connect()

    def handle(message):
        if message.message_type is MessageType.METHOD_CALL and message.member == "Get":
            assert message.body == ["org.freedesktop.timedate1", "NTPSynchronized"]
            return answer(message)
        return None

    service.add_message_handler(handle)
    await service.request_name("org.freedesktop.timedate1")
    try:
        return await asyncio.to_thread(timedated.synchronized, bus)
    finally:
        service.disconnect()
        await service.wait_for_disconnect()


@with_a_bus
@pytest.mark.parametrize("state", [True, False])
async def test_what_timedated_says_is_what_we_say(bus, state):
    said = await asked_of(bus, lambda call: Message.new_method_return(call, "v", [Variant("b", state)]))
    assert said is state


@with_a_bus
async def test_an_error_or_another_type_is_no_answer(bus):
    assert await asked_of(bus, lambda call: Message.new_error(call, "org.freedesktop.DBus.Error.Failed", "no")) is None
    assert await asked_of(bus, lambda call: Message.new_method_return(call, "v", [Variant("s", "yes")])) is None


@with_a_bus
def test_where_nobody_has_that_name_there_is_no_answer(bus):
    assert timedated.synchronized(bus) is None


@with_a_bus
@pytest.mark.skipif(not REAL.exists(), reason="there is no systemd-timedated (package systemd)")
def test_the_real_timedated_says_what_the_kernel_says(bus):
    daemon = subprocess.Popen([REAL], env={**os.environ}, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while (said := timedated.synchronized(bus)) is None and time.monotonic() < until:
            time.sleep(0.02)
        assert said is kernel.synchronized()
    finally:
        daemon.terminate()
        daemon.wait(10)


def test_where_there_is_no_bus_there_is_no_answer(tmp_path):
    assert timedated.synchronized(tmp_path / "bus") is None


def said_by(tmp_path, *answers):
    """What we make of a bus that gives these bytes, one after each thing that it is told, and then hangs up."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(tmp_path / "bus"))
        server.listen()

        def serve():
            client, _ = server.accept()
            with client:
                for answer in answers:
                    client.recv(4096)
                    client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            return timedated.synchronized(tmp_path / "bus", patience=0.2)
        finally:
            thread.join()


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [b"REJECTED\r\n"],
        [b"OK 1234\r\n"],
        [b"OK 1234\r\n", b"l\2\0\1" + b"\xff" * 40],
        [b"OK 1234\r\n", b"l\2\0\1" + b"\0" * 60],
        [b"nonsense without an end"],
    ],
)
def test_nonsense_is_no_answer(tmp_path, answers):
    assert said_by(tmp_path, *answers) is None

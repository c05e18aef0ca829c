"""Brokers that are hostile, wrongly set, or very slow: no record is lost by them, and they are not asked in haste."""

import asyncio
import subprocess
import time
from contextlib import asynccontextmanager

import pytest
from fake_broker import CONNACK, broker_that_says, connack_with, flooding_broker
from fake_outbox import FakeOutbox
from fault_proxy import fault_proxy
from mosquitto import running_mosquitto
from sample_records import ALARM, EPOCH_BEGUN, SUMMARY
from sending import sending
from structlog.testing import capture_logs

from gatewayd.uplink import sender
from gatewayd.uplink.backoff import Backoff

PUBLISH = b"\x30\x06\x00\x01x\x00ab"


@pytest.fixture
def waits(monkeypatch):
    """The waits between attempts that were to be, none of which is waited for."""
    made, true_next = [], Backoff.next

    def noted(backoff, **how):
        made.append(true_next(backoff, **how))
        return 0.0

    monkeypatch.setattr(Backoff, "next", noted)
    return made


@asynccontextmanager
async def site(folder):
    async with running_mosquitto(folder) as mosquitto, fault_proxy(mosquitto.port) as proxy:
        yield proxy


async def until(condition):
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_broker_that_sends_what_nobody_asked_for_is_left_alone_for_longer_and_longer(tmp_path, waits):
    outbox = FakeOutbox()
    outbox.put(ALARM)
    async with site(tmp_path) as proxy, sending(outbox, proxy.port, chance=lambda: 0.0) as uplink:
        await outbox.settled()
        for times in range(1, 15):
            await until(lambda: uplink.status().connected)
            outbox.put(ALARM)
            await outbox.settled()
            proxy.say(PUBLISH)
            await until(lambda times=times: len(waits) == times)
        assert "the broker sends what nobody asked for (PUBLISH)" in uplink.status().last_error
    assert waits == sorted(waits)
    assert waits[-1] == 60.0, "not the 0.05 s that are the longest otherwise"


async def test_no_record_is_blamed_for_what_nobody_asked_for(tmp_path, waits):
    outbox = FakeOutbox()
    async with site(tmp_path) as proxy, sending(outbox, proxy.port):
        proxy.swallows_if = b"alarm"
        outbox.put(ALARM, ALARM)
        for times in range(1, 8):
            await until(lambda times=times: outbox.restarts == times)
            await asyncio.sleep(0.05)
            proxy.say(PUBLISH)
        await until(lambda: outbox.restarts == 8)
        proxy.swallows_if = None
        await outbox.settled()
    assert not outbox.aside
    assert len(outbox.acknowledged) == 2


async def test_a_flood_of_messages_ends_each_connection_at_once_and_does_not_keep_us_from_stopping(monkeypatch):
    monkeypatch.setattr(sender, "FINISH_LIMIT", 0.1)
    monkeypatch.setattr(sender, "FAREWELL_LIMIT", 0.1)
    outbox = FakeOutbox()
    outbox.put(ALARM)
    async with flooding_broker(CONNACK, b"\x30\xd5\x0f\x00\x01x\x00" + bytes(2001)) as flood:
        async with sending(outbox, flood.port) as uplink:
            await until(lambda: flood.clients >= 3)
            assert uplink.status().last_error == "the broker sends what nobody asked for (PUBLISH)"
            stopped, worked = time.monotonic(), time.thread_time()
        assert time.thread_time() - worked < 2.0
        assert time.monotonic() - stopped < 20.0, "it waits for something"
    assert not outbox.aside


async def test_a_broker_that_takes_long_to_let_us_in_is_given_more_time_until_it_does(tmp_path):
    outbox = FakeOutbox()
    outbox.put(ALARM)
    async with site(tmp_path) as proxy:
        proxy.late_welcome = 1.6
        async with sending(outbox, proxy.port, keepalive=1, welcome_limit=1.1) as uplink:
            await until(lambda: uplink.status().last_error)
            assert "takes connections but does not answer" in uplink.status().last_error
            await outbox.settled(15)
    assert outbox.restarts == 1


@pytest.mark.parametrize("size", [1, 300])
async def test_a_broker_that_takes_hardly_anything_makes_us_wait_and_nothing_is_set_aside(size):
    outbox = FakeOutbox()
    outbox.put(EPOCH_BEGUN, ALARM, SUMMARY)
    with capture_logs() as logs:
        async with broker_that_says(connack_with(size)) as port, sending(outbox, port) as uplink:
            await until(lambda: logs)
            await asyncio.sleep(0.3)
            assert f"takes no packet larger than {size} bytes" in uplink.status().last_error
    assert [entry["event"] for entry in logs] == ["uplink_unreachable"]
    assert (outbox.aside, outbox.waiting) == ({}, 3)


async def test_a_wrong_password_is_told_once_and_nothing_is_lost_until_it_is_right(tmp_path):
    passwords = tmp_path / "passwords"

    def expect(password):
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "g", password], check=True, capture_output=True)

    expect("new")
    outbox = FakeOutbox()
    outbox.put(ALARM, SUMMARY)
    async with running_mosquitto(tmp_path, f"password_file {passwords}", anonymous=False) as mosquitto:
        with capture_logs() as logs:
            async with sending(outbox, mosquitto.port, login=("g", "old")) as uplink:
                await until(lambda: logs)
                assert "says not authorised; check username, password_file" in uplink.status().last_error
                await asyncio.sleep(0.2)
                await mosquitto.stop()
                expect("old")
                await mosquitto.start()
                await outbox.settled()
    assert not outbox.aside
    assert [entry["event"] for entry in logs][:1] == ["uplink_unreachable"]
    assert [entry["event"] for entry in logs].count("uplink_unreachable") == 1

"""SIGKILL at random moments while the broker comes and goes: nothing that was committed may be missing."""

import asyncio
import itertools
import os
import random
import sqlite3
from contextlib import closing

import pytest
from mosquitto import needs_mosquitto, running_mosquitto
from pump_device import pump_device
from receiver import receiving
from running_gateway import gateway

BRIEF = os.environ.get("GATEWAYD_CAMPAIGN") == "brief"

CONFIG = """\
[gateway]
id = "kill"
state_dir = "{state}"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[sources.pump]
plugin = "modbus"
url = "tcp://127.0.0.1:{modbus}"
interval = "20ms"
[sources.pump.channels]
level = {{ register = "holding:0", type = "float32" }}
[rules.high]
channel = "pump.level"
above = 5.0
[summary]
every = "1s"
[readings]
channels = ["*"]
every = "100ms"
"""


@needs_mosquitto
async def test_some_kills_lose_nothing_that_was_committed(tmp_path):
    await survived(tmp_path, kills=2, seed=2)


@pytest.mark.campaign
@needs_mosquitto
async def test_many_kills_lose_nothing_that_was_committed(tmp_path):
    await survived(tmp_path, kills=30 if BRIEF else 300, seed=None)


async def survived(tmp_path, kills, seed):
    moments = random.Random(seed)
    levels = ((float(n % 10),) for n in itertools.count())
    async with (
        running_mosquitto(tmp_path, "persistence true", f"persistence_location {tmp_path}/") as broker,
        receiving(broker.port) as receiver,
        pump_device(levels, width=1) as (_, modbus),
    ):
        config = tmp_path / "gatewayd.toml"
        config.write_text(CONFIG.format(state=tmp_path / "state", mqtt=broker.port, modbus=modbus))
        weather = asyncio.create_task(broker_comes_and_goes(broker, moments), name="broker")
        try:
            for _ in range(kills):
                async with gateway(config) as running:
                    await running.logged("gateway_started")
                    await asyncio.sleep(moments.uniform(0.0, 0.6))
                    await running.kill()
        finally:
            weather.cancel()
            await asyncio.wait({weather})
        await broker.stop()
        committed = numbers(tmp_path / "state" / "outbox.db")
        await broker.start()
        async with gateway(config) as running:
            await running.logged("gateway_started")
            await receiver.until(lambda: all(receiver.highest().get(key, 0) >= n for key, n in committed.items()))
            await receiver.until(lambda: not receiver.missing())
            assert await running.stop() == 0
    assert committed
    assert sum(committed.values()) > 2 * kills, "there was something to lose"
    assert not receiver.of("loss")
    alarms = [(alarm["state"]) for alarm in sorted(receiver.of("alarm"), key=lambda alarm: alarm["seq"])]
    assert alarms == (["raised", "cleared"] * len(alarms))[: len(alarms)], "each alarm is raised once and cleared once"


async def broker_comes_and_goes(broker, moments):
    while True:
        await asyncio.sleep(moments.uniform(0.5, 2.0))
        await broker.stop()
        try:
            await asyncio.sleep(moments.uniform(0.1, 1.0))
        finally:
            await broker.start()


def numbers(database):
    """The highest number that was committed, by epoch and class."""
    with closing(sqlite3.connect(database)) as connection:
        (epoch,) = connection.execute("SELECT id FROM epoch").fetchone()
        return {(epoch, name): given for name, given in connection.execute("SELECT class, given FROM account")}

"""A gateway that is killed again and again while the broker comes and goes, and the proof that nothing is missing."""

import asyncio
import itertools
import sqlite3
import time
from contextlib import closing
from datetime import datetime

from mosquitto import running_mosquitto
from pump_device import pump_device
from receiver import receiving
from running_gateway import gateway

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
every = "{summary}s"
[readings]
channels = ["*"]
every = "100ms"
"""


async def survived(tmp_path, kills, moments, live_and_be_killed):
    """How many messages were committed, and how many seconds the last start took to a new value at the receiver.

    That each of the messages has come is asserted.
    """
    levels = ((float(n % 10),) for n in itertools.count())
    summaries = itertools.cycle([1, 2])
    async with (
        running_mosquitto(tmp_path, "persistence true", f"persistence_location {tmp_path}/") as broker,
        receiving(broker.port) as receiver,
        pump_device(levels, width=1) as (_, modbus),
    ):
        config = tmp_path / "gatewayd.toml"

        def change():
            filled = CONFIG.format(state=tmp_path / "state", mqtt=broker.port, modbus=modbus, summary=next(summaries))
            config.write_text(filled)

        change()
        weather = asyncio.create_task(broker_comes_and_goes(broker, moments), name="broker")
        try:
            for _ in range(kills):
                await live_and_be_killed(config, change)
            for _ in range(10 * kills):
                if sum(numbers(tmp_path / "state" / "outbox.db").values()) > 2 * kills:
                    break
                await live_and_be_killed(config, change)  # the machine was too busy for much in a life
        finally:
            weather.cancel()
            await asyncio.wait({weather})
        await broker.stop()
        committed = numbers(tmp_path / "state" / "outbox.db")
        await broker.start()
        begun = time.time()
        async with gateway(config) as running:
            await receiver.until(lambda: newest(receiver) > begun)
            took = time.time() - begun
            await receiver.until(lambda: all(receiver.highest().get(key, 0) >= n for key, n in committed.items()))
            await receiver.until(lambda: not receiver.missing())
            assert await running.stop() == 0
    assert committed
    assert sum(committed.values()) > 2 * kills, "there was something to lose"
    assert not receiver.of("loss")
    alarms = [(alarm["state"]) for alarm in sorted(receiver.of("alarm"), key=lambda alarm: alarm["seq"])]
    assert alarms == (["raised", "cleared"] * len(alarms))[: len(alarms)], "each alarm is raised once and cleared once"
    return sum(committed.values()), took


def newest(receiver):
    """When the value was read, in seconds since 1970, that came last."""
    last = next((message for _, message in reversed(receiver.messages) if message["kind"] == "readings"), None)
    return datetime.fromisoformat(last["time"]).timestamp() if last else 0.0


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

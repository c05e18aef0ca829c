"""A gateway on a disk that is full or read-only: it polls, judges and publishes on, and recovers alone."""

import asyncio

import pytest
from living_gateway import living
from mosquitto import running_mosquitto
from receiver import receiving
from small_disks import fill, remount, small_disk

from gatewayd.control.asking import ask
from gatewayd.daemon import upkeep
from gatewayd.errors import GatewaydError
from gatewayd.uplink.outbox import reserve, writer

CONFIG = """
[gateway]
id = "hafen-01"
state_dir = "{disk}/state"
[mqtt]
url = "mqtt://127.0.0.1:{port}"
[sources.pump1]
plugin = "simulator"
interval = "50ms"
[rules.running]
channel = "pump1.pressure"
above = -1000
[summary]
every = "1s"
[outbox]
max_size = "2MB"
[record]
max_size = "1MB"
"""


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", "12m") as folder:
        yield folder


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(writer, "RETRY", 0.05)
    monkeypatch.setattr(writer, "BRIDGED", 0.1)
    monkeypatch.setattr(reserve, "PATIENCE", 0.05)
    monkeypatch.setattr(upkeep, "LOOK", 0.05)


def written(folder, disk, port):
    path = folder / "gatewayd.toml"
    path.write_text(CONFIG.format(disk=disk, port=port))
    return path


async def recovered(gateway):
    async with asyncio.timeout(20):
        while gateway.run.status().outbox.failing:
            await asyncio.sleep(0.01)


async def reached(control):
    """How the gateway answers its operators."""
    async with asyncio.timeout(20):
        while not control.exists():
            await asyncio.sleep(0.02)
    return await asyncio.to_thread(ask, [control], "status")


@pytest.mark.parametrize("folder_is_there", [True, False])
async def test_a_start_on_a_read_only_disk(tmp_path, disk, folder_is_there):
    if folder_is_there:
        (disk / "state").mkdir()
    remount(disk, "ro")
    try:
        async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
            async with living(written(tmp_path, disk, broker.port)) as gateway:
                alarm = await receiver.first("alarm", state="raised", volatile=True)
                remount(disk, "rw")
                await recovered(gateway)
                assert (await reached(disk / "state" / "control.sock"))["gateway"] == "hafen-01"
                after = await receiver.first("epoch", previous=alarm["epoch"])
                assert after["ends"]["event"] >= alarm["seq"]
                await receiver.first("summary", epoch=after["epoch"])
            assert not receiver.missing()
            assert len(receiver.of("alarm", state="raised")) == 1
    finally:
        remount(disk, "rw")


async def test_a_disk_that_fills_up_while_it_runs_without_a_reserve(tmp_path, disk):
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        async with living(written(tmp_path, disk, broker.port)) as gateway:
            await receiver.first("alarm", state="raised")
            (disk / "state" / "outbox.db.reserve").unlink()
            filler = fill(disk)
            polls = gateway.source("pump1").polls
            await gateway.polled("pump1", polls + 30)
            count = len(receiver.of("summary"))
            await receiver.until(lambda: len(receiver.of("summary")) > count + 1)
            filler.unlink()
            await recovered(gateway)
            await receiver.first("summary", epoch=gateway.run.status().outbox.epoch)
        await receiver.first("status", status="offline")
        assert not receiver.missing()
        assert len(receiver.of("alarm", state="raised")) == 1


async def test_a_reload_does_not_move_a_gateway_to_a_disk_that_refuses(tmp_path, disk):
    config = written(tmp_path, tmp_path, 9)
    remount(disk, "ro")
    try:
        async with living(config) as gateway:
            with pytest.raises(GatewaydError, match=f"the disk of {disk}/state cannot be written"):
                await gateway.reload(CONFIG.format(disk=disk, port=9))
            await gateway.polled("pump1", gateway.source("pump1").polls + 2)
            assert "cannot be written" in gateway.run.status().problems[0]
    finally:
        remount(disk, "rw")

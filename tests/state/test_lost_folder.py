"""A gateway whose state folder, or something in it, is removed while it runs: it has it all again, without a hand."""

import asyncio
import os
import shutil

import pytest
from living_gateway import living
from running_gateway import gateway
from structlog.testing import capture_logs

from gatewayd.control.asking import ask
from gatewayd.daemon import upkeep
from gatewayd.evidence import kept
from gatewayd.state.folder import is_held
from gatewayd.uplink.outbox import writer

CONFIG = """
[gateway]
id = "hafen-01"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:9"
[sources.pump1]
plugin = "simulator"
interval = "50ms"
[rules.running]
channel = "pump1.pressure"
above = -1000
[summary]
every = "1s"
[record]
max_size = "1MB"
"""


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(upkeep, "LOOK", 0.05)
    monkeypatch.setattr(writer, "RETRY", 0.05)
    monkeypatch.setattr(writer, "BEAT", 0.1)


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "gatewayd.toml"
    path.write_text(CONFIG)
    return path


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def answers(folder):
    """Its operators reach the gateway by its socket."""
    await until((folder / "control.sock").exists)
    return await asyncio.to_thread(ask, [folder / "control.sock"], "status")


TOLD = {"state_lock_renewed", "control_available", "outbox_put_back"}


async def test_a_state_folder_that_was_removed_is_there_again_with_all_that_belongs_into_it(tmp_path, config):
    folder = tmp_path / "state"
    async with living(config) as running:
        epoch = running.run.status().outbox.epoch
        await until(lambda: kept(folder / "evidence"))
        with capture_logs() as logs:
            folder.rename(tmp_path / "lost")  # all of it at once: while it is removed it is being written
            shutil.rmtree(tmp_path / "lost")
            status = await answers(folder)
            await until(lambda: is_held(folder) and (folder / "outbox.db").exists() and list(folder.glob("record/*")))
            await until(lambda: not running.run.status().outbox.failing)
            await until(lambda: {entry["event"] for entry in logs} >= TOLD)
        assert status["outbox"]["epoch"] == epoch
        assert folder.stat().st_mode & 0o077 == 0
    async with living(config) as running:
        assert running.run.status().outbox.epoch == epoch


async def test_a_control_socket_that_was_removed_is_there_again(tmp_path, config):
    async with living(config):
        (tmp_path / "state" / "control.sock").unlink()
        assert (await answers(tmp_path / "state"))["gateway"] == "hafen-01"


async def test_what_it_keeps_is_nobody_elses_whoever_starts_it(tmp_path, config):
    before = os.umask(0o022)
    try:
        async with gateway(config) as running:
            await running.logged("gateway_started")
            await until(
                lambda: list(tmp_path.glob("state/record/*")) and (tmp_path / "state" / "outbox.db-wal").exists()
            )
            assert [path for path in (tmp_path / "state").rglob("*") if path.stat().st_mode & 0o077] == []
            await running.stop()
    finally:
        os.umask(before)

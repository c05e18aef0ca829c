"""A config that is read while the gateway runs: for as long as plugins and disks take, and not for ever."""

import asyncio
import sys
import threading
from contextlib import asynccontextmanager, nullcontext

import pytest
from config_files import BASE, loaded
from structlog.testing import capture_logs

from gatewayd import config
from gatewayd.daemon import daemon, reloading
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.reloading import Reader, ReloadRefusedError
from gatewayd.errors import GatewaydError


class Held:
    """`load`, held up until it may go on; `reached` when it has been called, `calls` times."""

    def __init__(self):
        self.reached, self.goes_on, self.calls = threading.Event(), threading.Event(), 0

    def __call__(self, path):
        self.calls += 1
        self.reached.set()
        self.goes_on.wait(30)
        return config.load(path)


@pytest.fixture
def held(monkeypatch):
    """Reading a config takes until the test is over, or it is let go on."""
    load = Held()
    monkeypatch.setattr(reloading, "load", load)
    yield load
    load.goes_on.set()


@asynccontextmanager
async def running(folder, monkeypatch):
    """The daemon, in this process; gives its orders, and waits for its end."""
    orders = Orders()
    monkeypatch.setattr(Orders, "by_signals", lambda: nullcontext(orders))
    first = loaded(folder, BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]'))
    with capture_logs() as logs:
        gateway = asyncio.create_task(daemon.run(first))
        while not any(log["event"] == "gateway_started" for log in logs):
            await asyncio.sleep(0.01)
        yield orders
        async with asyncio.timeout(10):
            await gateway


async def test_the_gateway_stops_while_a_config_is_read_that_takes_for_ever(tmp_path, monkeypatch, held):
    async with running(tmp_path, monkeypatch) as orders:
        asked = asyncio.create_task(orders.ask_reload())
        await asyncio.to_thread(held.reached.wait, 10)
        orders.order_stop()
        with pytest.raises(GatewaydError, match="gatewayd is stopping"):
            await asked


async def test_a_config_that_takes_too_long_is_refused_and_not_read_once_more_until_it_is_done(
    tmp_path, monkeypatch, held
):
    monkeypatch.setattr(reloading, "LIMIT", 0.05)
    reader, current = Reader(), loaded(tmp_path, BASE)
    for _ in range(2):
        with pytest.raises(ReloadRefusedError, match="to read: a plugin that it names, or the disk, holds that up"):
            await reader.ahead(current)
    assert await asyncio.to_thread(held.reached.wait, 10)
    assert held.calls == 1
    held.goes_on.set()
    monkeypatch.setattr(reloading, "LIMIT", 10.0)
    while reader._under_way:
        await asyncio.sleep(0.01)
    assert (await reader.ahead(current)).changes.none


async def test_two_who_ask_at_once_are_served_one_after_the_other(tmp_path, monkeypatch):
    at_once, most = [], []

    def load(path):
        at_once.append(path)
        most.append(len(at_once))
        try:
            return config.load(path)
        finally:
            at_once.pop()

    monkeypatch.setattr(reloading, "load", load)
    reader, current = Reader(), loaded(tmp_path, BASE)
    await asyncio.gather(*(reader.ahead(current) for _ in range(3)))
    assert most == [1, 1, 1]


async def test_code_that_spins_in_a_thread_gives_the_event_loop_its_turn_soon(tmp_path, monkeypatch):
    before = sys.getswitchinterval()
    try:
        async with running(tmp_path, monkeypatch) as orders:
            assert sys.getswitchinterval() <= 0.001
            orders.order_stop()
    finally:
        sys.setswitchinterval(before)

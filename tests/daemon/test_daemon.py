"""What of the daemon needs no process of its own."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from config_files import BASE, SOURCE, loaded, write
from living_gateway import living
from structlog.testing import capture_logs

from gatewayd import clock
from gatewayd.control.asking import ControlError, ask
from gatewayd.daemon import daemon
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.run import Run
from gatewayd.evidence import Evidence
from gatewayd.model import Command, Order
from gatewayd.recorder import Recorder
from gatewayd.state.folder import locked
from gatewayd.state.places import SOCKET
from gatewayd.uplink import Outbox, OutboxError


async def test_an_order_that_comes_after_the_engines_last_words_is_refused(tmp_path):
    run = Run(loaded(tmp_path, BASE.replace("[mqtt]", f'state_dir = "{tmp_path}"\n[mqtt]')), Orders(), ())
    run._stop(clock.now())
    with pytest.raises(ControlError, match="ask again in a moment"):
        run._order(Command(clock.now(), Order.ACKNOWLEDGE, "r"))


async def test_a_config_with_which_it_cannot_run_is_given_up_for_the_last_one_with_which_it_did(tmp_path, monkeypatch):
    text = BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]')
    orders = Orders()
    monkeypatch.setattr(Orders, "by_signals", lambda: nullcontext(orders))
    first, socket = loaded(tmp_path, text), [tmp_path / "state" / SOCKET]
    with capture_logs() as logs, locked(tmp_path / "taken"):
        gateway = asyncio.create_task(daemon.run(first))
        write(tmp_path, text + SOURCE.replace("pump1", "pump2"))
        await orders.ask_reload()
        write(tmp_path, text.replace('"state"', '"taken"'))
        with pytest.raises(ControlError, match=r"(?s)given up.*another gatewayd is running on it"):
            await asyncio.to_thread(ask, socket, "reload", 20.0)
        status = await asyncio.to_thread(ask, socket, "status")
        orders.order_stop()
        await gateway
    assert any(log["event"] == "reload_given_up" for log in logs)
    assert [source["name"] for source in status["sources"]] == ["pump1", "pump2"]
    assert "taken" in status["problems"][0]


async def test_a_reload_that_needs_another_run_is_answered_when_that_has_begun(tmp_path, monkeypatch):
    text = BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]')
    orders = Orders()
    monkeypatch.setattr(Orders, "by_signals", lambda: nullcontext(orders))
    first, socket = loaded(tmp_path, text), [tmp_path / "state" / SOCKET]
    with capture_logs() as logs:
        gateway = asyncio.create_task(daemon.run(first))
        while not any(log["event"] == "gateway_started" for log in logs):
            await asyncio.sleep(0.01)
        write(tmp_path, text.replace('"state"', '"other"'))
        told = await asyncio.to_thread(ask, socket, "reload", 20.0)
        assert told["everything"]
        assert [log["event"] for log in logs].count("gateway_started") == 2
        status = await asyncio.to_thread(ask, [tmp_path / "other" / SOCKET], "status")
        orders.order_stop()
        await gateway
    assert status["problems"] == []


async def test_who_waits_for_a_reload_hears_when_the_gateway_is_stopped_meanwhile(tmp_path, monkeypatch):
    text = BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]')
    orders = Orders()
    monkeypatch.setattr(Orders, "by_signals", lambda: nullcontext(orders))
    monkeypatch.setattr(Run, "_stop", lambda run, time: (stop(run, time), orders.order_stop()))
    first, socket = loaded(tmp_path, text), [tmp_path / "state" / SOCKET]
    gateway = asyncio.create_task(daemon.run(first))
    while not socket[0].exists():
        await asyncio.sleep(0.01)
    write(tmp_path, text.replace('"state"', '"other"'))
    with pytest.raises(ControlError, match="gatewayd is stopping"):
        await asyncio.to_thread(ask, socket, "reload", 20.0)
    await gateway


stop = Run._stop


@pytest.fixture
def closing(monkeypatch):
    """Has something be done before, or after, one of those that write is closed."""

    def meanwhile(kind, before=None, after=None):
        close = kind.close

        async def closed(this):
            if before:
                await before()
            await close(this)
            if after:
                await after()

        monkeypatch.setattr(kind, "close", closed)

    return meanwhile


def with_state(folder, more=""):
    return write(folder, BASE.replace("[mqtt]", f'state_dir = "{folder}/state"\n{more}[mqtt]'))


async def test_what_writes_is_closed_side_by_side_so_that_the_outbox_has_all_of_its_time(tmp_path, closing):
    """Where the disk is stuck, each of them takes all the time that it is given."""
    begun, waited = asyncio.Event(), []

    async def begin():
        begun.set()

    async def wait():
        async with asyncio.timeout(5):
            await begun.wait()
        waited.append(1)

    closing(Evidence, wait)
    closing(Recorder, wait)
    closing(Outbox, begin)
    async with living(with_state(tmp_path)):
        pass
    assert len(waited) == 2


async def test_an_outbox_that_cannot_be_closed_is_told_when_all_others_are_closed(tmp_path, closing):
    closed = []

    async def fail():
        raise OutboxError(tmp_path, "its writer has not ended", "mend the disk")

    async def wait():
        await asyncio.sleep(0.05)
        closed.append("evidence")

    closing(Outbox, after=fail)
    closing(Evidence, after=wait)
    with pytest.raises(OutboxError, match="has not ended"):
        async with living(with_state(tmp_path)):
            pass
    assert closed == ["evidence"]


async def test_plugins_that_hold_all_threads_of_the_event_loop_keep_nothing_from_being_closed(tmp_path):
    """`asyncio.to_thread`, which takes what blocks away from the loop, has six of them on two cores."""
    goes_on = threading.Event()
    try:
        async with living(with_state(tmp_path, '[record]\nmax_size = "1MB"\n')):
            threads = ThreadPoolExecutor(1)
            asyncio.get_running_loop().set_default_executor(threads)
            held = threads.submit(goes_on.wait, 30)
    finally:
        goes_on.set()
    assert held.result()

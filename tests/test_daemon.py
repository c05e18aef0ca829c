"""What of the daemon needs no process of its own."""

import asyncio
from contextlib import nullcontext

import pytest
from config_files import BASE, SOURCE, loaded, write
from structlog.testing import capture_logs

from gatewayd import clock, daemon
from gatewayd.control import ControlError, ask
from gatewayd.daemon import Run
from gatewayd.model import Command, Order
from gatewayd.orders import Orders
from gatewayd.state import SOCKET


async def test_an_order_that_comes_after_the_engines_last_words_is_refused(tmp_path):
    run = Run(loaded(tmp_path, BASE.replace("[mqtt]", f'state_dir = "{tmp_path}"\n[mqtt]')), Orders(), ())
    run._stop(clock.now())
    with pytest.raises(ControlError, match="ask again in a moment"):
        run._order(Command(clock.now(), Order.ACKNOWLEDGE, "r"))


async def test_a_config_with_which_it_cannot_run_is_given_up_for_the_last_one_with_which_it_did(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    text = BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]')
    orders = Orders()
    monkeypatch.setattr(Orders, "by_signals", lambda: nullcontext(orders))
    first = loaded(tmp_path, text)
    with capture_logs() as logs:
        gateway = asyncio.create_task(daemon.run(first))
        for changed in (text + SOURCE.replace("pump1", "pump2"), text.replace('"state"', '"file/x"')):
            write(tmp_path, changed)
            await orders.ask_reload()
        while not any(log["event"] == "reload_given_up" for log in logs):
            await asyncio.sleep(0.01)
        socket = [tmp_path / "state" / SOCKET]
        while not socket[0].exists():
            await asyncio.sleep(0.01)
        status = await asyncio.to_thread(ask, socket, "status")
        orders.order_stop()
        await gateway
    assert [source["name"] for source in status["sources"]] == ["pump1", "pump2"]
    assert "file/x" in status["problems"][0]

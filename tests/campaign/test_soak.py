"""The whole gateway in this process, for so long that what it does not give back would be seen."""

import asyncio
import itertools
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from effort import effort
from fault_proxy import fault_proxy
from growth import BLOCKS, FILES, TASKS, Growth
from modbus_tcp import tcp_device
from mosquitto import running_mosquitto
from pump_device import pump_device

from gatewayd.config import load
from gatewayd.daemon import Run
from gatewayd.model import Polled
from gatewayd.orders import Orders
from gatewayd.uplink.backoff import Backoff

pytestmark = pytest.mark.campaign

POLLS = effort(100_000, 20_000)
SAMPLES = effort(400, 100)
MOST_BLOCKS = effort(0.005, 0.1)
"""Blocks per poll that memory may grow by, with 95 % certainty. In brief the same noise meets a fifth of the polls and
a quarter of the samples, which makes the interval ten times as wide, and what settles in seconds is a part of it.
"""
RECONNECTS = effort(300, 50)
MOST_BLOCKS_A_RECONNECT = effort(10, 100)
"""A connection that is kept costs hundreds. What is left settles after 200 reconnects: time-outs of 20 s, caches."""
DEVICES = 16
PATIENCE = 900.0

SITE = """\
[gateway]
id = "soak"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[summary]
every = "1s"
[readings]
channels = ["*"]
every = "200ms"
[features.shape]
channels = ["*.c0"]
window = "2s"
every = "500ms"
compute = ["mean", "rms", "kurtosis"]
[evidence]
before = "0s"  # what alarms keep for a while comes and goes with them: it would hide what never goes
after = "0s"
"""
DEVICE = """\
[sources.dev{n}]
plugin = "modbus"
url = "{url}"
interval = "10ms"
[sources.dev{n}.channels]
c0 = {{ register = "holding:0", type = "float32" }}
c1 = {{ register = "holding:2", type = "float32" }}
[rules.dev{n}]
channel = "dev{n}.c1"
above = 990
"""


class Watched(Run):
    """A run that counts its polls and has a look at itself after every so many."""

    def __init__(self, *given, look=lambda polls: None):
        super().__init__(*given)
        self.polls = 0
        self._look = look

    def _feed(self, item):
        super()._feed(item)
        if isinstance(item, Polled):
            self.polls += 1
            self._look(self.polls)


@asynccontextmanager
async def running(folder, mqtt, urls, look=lambda polls: None):
    """The gateway with these devices."""
    path = folder / "gatewayd.toml"
    path.write_text(SITE.format(mqtt=mqtt) + "".join(DEVICE.format(n=n, url=url) for n, url in enumerate(urls)))
    orders = Orders()
    run = Watched(load(path), orders, (), look=look)
    task = asyncio.create_task(run.until_ending(), name="gateway")
    try:
        await until(lambda: run.polls)
        yield run
    finally:
        orders.order_stop()
        await task


async def soaked(folder, polls, samples, leak=lambda polls: None):
    """What the gateway held while it polled so often."""
    growth, done = Growth(samples), asyncio.Event()

    def look(so_far):
        leak(so_far)
        if so_far % (polls // samples) == 0 and not growth.full:
            growth.sample(so_far)
        if growth.full:
            done.set()

    async with AsyncExitStack() as stack:
        stack.enter_context(growth)
        mosquitto = await stack.enter_async_context(running_mosquitto(folder))
        ports = [(await stack.enter_async_context(pump_device(levels(), width=2)))[1] for _ in range(DEVICES)]
        urls = [f"tcp://127.0.0.1:{port}" for port in ports]
        run = await stack.enter_async_context(running(folder, mosquitto.port, urls, look))
        async with asyncio.timeout(PATIENCE):
            await done.wait()
        assert sum(source.failed for source in run.status().sources) == 0
        assert run.status().uplink.acked > 0
        assert run.status().outbox.waiting < 1000
    return growth


def levels():
    return ((float(n % 7), float(n % 1000)) for n in itertools.count())


async def test_a_long_run_grows_neither_in_memory_nor_in_files_nor_in_tasks(tmp_path, note):
    growth = await soaked(tmp_path, POLLS, SAMPLES)
    slope, doubt = growth.slope(BLOCKS)
    note(f"{POLLS} polls: {slope:+.4f} +- {doubt:.4f} blocks per poll")
    assert slope + doubt <= MOST_BLOCKS
    assert growth.added(FILES) <= 0
    assert growth.added(TASKS) <= 0


async def test_a_leak_of_one_object_in_four_polls_is_noticed(tmp_path, note):
    """So the test above can fail."""
    kept = []
    growth = await soaked(tmp_path, 8000, 80, lambda polls: polls % 4 or kept.append(object()))
    slope, doubt = growth.slope(BLOCKS)
    note(f"{slope:+.4f} +- {doubt:.4f} blocks per poll")
    assert slope - doubt > MOST_BLOCKS


async def test_devices_and_brokers_that_come_and_go_leave_nothing_behind(tmp_path, monkeypatch, note):
    monkeypatch.setattr("gatewayd.uplink.sender.Backoff", lambda: Backoff(0.01, 0.05))
    asked = itertools.count(1)

    def answer(request):
        return None if next(asked) % 3 == 0 else request.answer()

    async with (
        running_mosquitto(tmp_path) as mosquitto,
        fault_proxy(mosquitto.port) as proxy,
        tcp_device(answer) as url,
        running(tmp_path, proxy.port, [url]) as run,
    ):
        growth = Growth(RECONNECTS, warm_up=0.5)
        for number in range(RECONNECTS):
            await until(lambda least=number: run.status().uplink.connected and run.status().uplink.reconnects >= least)
            await until(lambda least=number: run.status().sources[0].failed > least)
            growth.sample(number)
            proxy.reset() if number % 2 else proxy.hang_up()
            await until(lambda: not run.status().uplink.connected)
    slope, doubt = growth.slope(BLOCKS)
    note(f"{RECONNECTS} reconnects to each: {slope:+.2f} +- {doubt:.2f} blocks per reconnect")
    assert slope + doubt <= MOST_BLOCKS_A_RECONNECT
    assert growth.added(FILES) <= 0
    assert growth.added(TASKS) <= 0


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)

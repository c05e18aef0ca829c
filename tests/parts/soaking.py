"""The whole gateway in this process, polling devices that fail, and looked at each time one of them was broken off."""

import asyncio
import logging
from contextlib import asynccontextmanager

from growth import Growth

from gatewayd.config import load
from gatewayd.daemon import Run
from gatewayd.orders import Orders
from gatewayd.sources import State

PATIENCE = 300.0
"""Seconds that a site may take to be well again, and to be polled as often as is wanted in between."""
MOST_WAITING = 2000
"""Messages that may wait although the broker is there."""
GATEWAY = """\
[gateway]
id = "soak"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[summary]
every = "1s"
[readings]
channels = ["*"]
every = "{readings}"
[features.shape]
channels = ["*.c0"]
window = "2s"
every = "500ms"
compute = ["mean", "rms", "kurtosis"]
[evidence]
before = "0s"  # what alarms keep for a while comes and goes with them: it would hide what never goes
after = "0s"
"""


@asynccontextmanager
async def running(folder, site, mqtt, readings="200ms"):
    """The gateway with the devices of a site; gives what tells its status."""
    path = folder / "gatewayd.toml"
    path.write_text(GATEWAY.format(mqtt=mqtt, readings=readings) + site.sources)
    orders = Orders()
    run = Run(load(path), orders, ())
    task = asyncio.create_task(run.until_ending(), name="gateway")
    logged = logging.getLogger()
    logged.handlers, kept = [logging.NullHandler()], logged.handlers  # pytest would keep all for its report
    try:
        async with asyncio.timeout(PATIENCE):
            while not run.started:
                await asyncio.sleep(0.05)
        yield run.status
    finally:
        logged.handlers = kept
        orders.order_stop()
        await task


async def soaked(site, status, polls, breaks, warm_up, *, leak=lambda polls: None):
    """What the gateway held while it polled so often and was broken off from its devices so often."""
    with Growth(breaks, warm_up) as growth:
        await well(status, 0)
        for number in range(breaks):
            await site.break_off(number)
            await well(status, (number + 1) * polls // breaks)
            leak(polled(status()))
            growth.sample(polled(status()))
    assert site.breaks >= breaks
    return growth


async def well(status, polls):
    """Wait until everything is there and was polled so often: samples are of like moments."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not _well(now := status()) or polled(now) < polls:
        assert asyncio.get_running_loop().time() < end, (now.uplink, now.outbox, _unwell(now))
        await asyncio.sleep(0.05)


def polled(status):
    return sum(source.polls for source in status.sources)


def _well(status):
    return status.uplink.connected and status.outbox.waiting < MOST_WAITING and not _unwell(status)


def _unwell(status):
    return [source for source in status.sources if source.state is not State.OK]

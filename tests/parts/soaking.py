"""The whole gateway in this process, polling devices that fail, looked at after each break."""

import asyncio
from contextlib import asynccontextmanager

from growth import Growth

from gatewayd.config import load
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.run import Run
from gatewayd.sources import State

PATIENCE = 300.0
"""Seconds that a site may take to be well again, and to be polled as often as is wanted in between."""
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
    try:
        async with asyncio.timeout(PATIENCE):
            while not run.started:
                await asyncio.sleep(0.05)
        yield run.status
    finally:
        orders.order_stop()
        await task


async def soaked(site, status, polls, breaks, warm_up, *, leak):
    """The Growth while the gateway polled so often and was broken off from its devices so often.

    `leak` is called with the number of polls after each break.
    """
    with Growth(breaks, warm_up) as growth:
        await well(site, status, 0)
        for number in range(breaks):
            await site.break_off(number)
            await well(site, status, polls // breaks)
            leak(polled(status()))
            await growth.sample(polled(status()))
    assert site.breaks >= breaks
    return growth


async def well(site, status, polls):
    """Wait until all is there, was polled so often from now on, and each device at least once: samples are alike."""
    begun = {source.name: _good(source) for source in status().sources}
    goal = polled(status()) + polls
    end = asyncio.get_running_loop().time() + PATIENCE
    while polled(now := status()) < goal or _amiss(site, now, begun):
        assert asyncio.get_running_loop().time() < end, (now.uplink, now.outbox, _amiss(site, now, begun))
        await asyncio.sleep(0.02)


def polled(status):
    return sum(source.polls for source in status.sources)


def _amiss(site, status, begun):
    """The names of what is not as it should be."""
    uplink = [] if status.uplink.connected and status.outbox.waiting < site.most_waiting else ["uplink"]
    well = {each.name for each in status.sources if each.state is State.OK and _good(each) > begun[each.name]}
    return [*uplink, *site.amiss(), *(begun.keys() - well)]


def _good(source):
    return source.polls - source.failed

"""The whole gateway in this process, for so long that what it does not give back would be seen, for each protocol."""

import pytest
from effort import effort
from growth import BLOCKS, BYTES, FILES, LIBC, TASKS, THREADS
from mosquitto import running_mosquitto
from soak_ble import ble_site
from soak_broker import broker_site
from soak_modbus import rtu_site, tcp_site
from soaking import polled, running, soaked

from gatewayd.uplink.backoff import Backoff

pytestmark = pytest.mark.campaign

POLLS = effort(100_000, 12_000)
BREAKS = effort(300, 40)
WARM_UP = effort(0.2, 0.6)
MOST_BLOCKS = effort(0.005, 0.5)
MOST_BYTES = effort(0.25, 250.0)
"""What memory may grow by with each poll, with 95 % certainty. In brief the same noise meets a twentieth of the polls
and of the samples, which makes the interval a hundred times as wide; it is half a minute until all has settled.
"""
SITES = {"modbus tcp": tcp_site, "modbus rtu": rtu_site, "ble": ble_site}


@pytest.fixture(autouse=True)
def quick_to_reconnect(monkeypatch):
    monkeypatch.setattr("gatewayd.uplink.sender.Backoff", lambda **_: Backoff(0.01, 0.05))


@pytest.mark.parametrize("protocol", SITES)
async def test_polling_devices_that_fail_and_come_back_leaves_nothing_behind(protocol, tmp_path, note):
    async with running_mosquitto(tmp_path) as mosquitto, SITES[protocol](tmp_path) as site:
        await flat(site, tmp_path, mosquitto.port, "200ms", note)


async def test_a_broker_that_comes_and_goes_leaves_nothing_behind(tmp_path, note):
    async with running_mosquitto(tmp_path) as mosquitto, broker_site(tmp_path, mosquitto.port) as site:
        await flat(site, tmp_path, site.port, "10ms", note)


async def flat(site, folder, port, readings, note):
    async with running(folder, site, port, readings) as status:
        growth = await soaked(site, status, POLLS, BREAKS, WARM_UP)
        polls, acked, failed = polled(status()), status().uplink.acked, sum(each.failed for each in status().sources)
    (blocks, blocks_doubt), (size, size_doubt) = growth.slope(BLOCKS), growth.slope(BYTES)
    note(
        f"{polls} polls, {failed} failed, {site.breaks} breaks, {acked} messages: "
        f"{blocks:+.4f} +- {blocks_doubt:.4f} blocks, {size:+.3f} +- {size_doubt:.3f} bytes a poll"
    )
    assert blocks + blocks_doubt <= MOST_BLOCKS
    assert size + size_doubt <= MOST_BYTES
    assert all(growth.added(what) <= 0 for what in (FILES, TASKS, THREADS)), growth


async def test_what_is_not_given_back_is_noticed(tmp_path, note):
    """So the tests above can fail."""
    kept = []

    def leak(polls):
        kept.extend(Leaked() for _ in range(len(kept), polls))

    async with (
        running_mosquitto(tmp_path) as mosquitto,
        tcp_site(tmp_path) as site,
        running(tmp_path, site, mosquitto.port) as status,
    ):
        growth = await soaked(site, status, 4000, 40, 0.2, leak=leak)
    (blocks, blocks_doubt), (size, size_doubt) = growth.slope(BLOCKS), growth.slope(BYTES)
    note(f"{blocks:+.2f} +- {blocks_doubt:.2f} blocks, {size:+.0f} +- {size_doubt:.0f} bytes a poll")
    assert blocks - blocks_doubt > MOST_BLOCKS
    assert size - size_doubt > MOST_BYTES


class Leaked:
    """A block of Python's, and bytes that only the C library knows of."""

    def __init__(self):
        self.memory = LIBC.malloc(400)
        LIBC.memset(self.memory, 1, 400)

    def __del__(self):
        LIBC.free(self.memory)

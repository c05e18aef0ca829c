"""The line to a real broker is cut silently at random moments: how soon is that noticed, how soon is it used again?"""

import asyncio
import os
import random
from contextlib import asynccontextmanager, suppress

import pytest
from cut_line import PORT, cut_line
from fake_outbox import FakeOutbox
from sample_records import ALARM, SUMMARY

from gatewayd.uplink.mqtt.broker import Broker, Tls
from gatewayd.uplink.mqtt.profile import PROFILES
from gatewayd.uplink.sender import Sender

pytestmark = pytest.mark.campaign

BRIEF = os.environ.get("GATEWAYD_CAMPAIGN") == "brief"
CUTS = 1 if BRIEF else 6


@asynccontextmanager
async def sending(outbox, line, profile):
    tls = Tls(line.authority) if line.authority else None
    broker = Broker(host=line.host, port=PORT, client_id="g", profile=PROFILES[profile], tls=tls)
    sender = Sender(outbox, broker, "g", dict)
    task = asyncio.create_task(sender.run(), name="sender")
    try:
        yield sender
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def seconds_until(condition, limit):
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0.02)
    return loop.time() - begun


async def traffic(outbox, every):
    while every:
        await asyncio.sleep(every)
        outbox.put(SUMMARY)


async def cuts(folder, profile, every, *, tls=False, limits, count, note):
    """Cut the line, mend it, and hold the slowest of each to the limits."""
    moments, outbox = random.Random(6), FakeOutbox()
    noticed, used = [], []
    async with cut_line(folder, tls=tls) as line, sending(outbox, line, profile) as sender:
        busy = asyncio.create_task(traffic(outbox, every), name="traffic")
        for _ in range(count):
            await seconds_until(lambda: sender.status().connected, 30)
            await asyncio.sleep(moments.uniform(0.5, 5.0))
            await line.cut()
            noticed.append(await seconds_until(lambda: not sender.status().connected, 2 * limits[0]))
            await asyncio.sleep(moments.uniform(0.0, 8.0))
            outbox.put(ALARM)
            await line.mend()
            acked = sender.status().acked
            used.append(await seconds_until(lambda least=acked: sender.status().acked > least, 2 * limits[1]))
        busy.cancel()
        await outbox.settled()
    note(f"noticed after {max(noticed):.1f} s at most, used {max(used):.1f} s after its return at most, {count} cuts")
    assert max(noticed) <= limits[0]
    assert max(used) <= limits[1]
    assert not outbox.aside


@pytest.mark.parametrize(
    ("every", "tls"), [(1.0, False), (0.0, False), (1.0, True)], ids=["a summary a second", "idle", "with TLS"]
)
async def test_on_a_lan_a_cut_is_noticed_within_10_s_and_the_line_used_again_within_5_s_of_its_return(
    tmp_path, note, every, tls
):
    await cuts(tmp_path, "lan", every, tls=tls, limits=(10.0, 5.0), count=CUTS, note=note)


@pytest.mark.skipif(BRIEF, reason="takes minutes")
async def test_on_lte_a_cut_is_noticed_when_an_acknowledgement_is_missing(tmp_path, note):
    await cuts(tmp_path, "lte", 5.0, limits=(45.0, 90.0), count=2, note=note)

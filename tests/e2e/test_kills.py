"""SIGKILL at random moments while the broker comes and goes: nothing that was committed may be missing."""

import asyncio
import os
import random

from mosquitto import needs_mosquitto
from running_gateway import gateway
from surviving import survived

PUBLISHING_AGAIN = 5.0
"""Seconds from a start after a kill to the first value that is read then, at the receiver. `benchmarks/restart.py`
measures it; a machine with more to do than its cores can tells nothing.
"""


@needs_mosquitto
async def test_some_kills_lose_nothing_that_was_committed(tmp_path):
    moments = random.Random(2)

    async def live_and_be_killed(config, _change):
        async with gateway(config) as running:
            await running.logged("gateway_started")
            await asyncio.sleep(moments.uniform(0.0, 0.6))
            await running.kill()

    _, took = await survived(tmp_path, 2, moments, live_and_be_killed)
    assert took <= PUBLISHING_AGAIN or os.getloadavg()[0] > 2 * os.cpu_count()

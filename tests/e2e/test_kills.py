"""SIGKILL at random moments while the broker comes and goes: nothing that was committed may be missing.

How soon a gateway publishes again is measured by `benchmarks/restart.py`.
"""

import asyncio
import random

from mosquitto import needs_mosquitto
from running_gateway import gateway
from surviving import survived


@needs_mosquitto
async def test_some_kills_lose_nothing_that_was_committed(tmp_path):
    moments = random.Random(2)

    async def live_and_be_killed(config, _change):
        async with gateway(config) as running:
            await running.logged("gateway_started")
            await asyncio.sleep(moments.uniform(0.0, 0.6))
            await running.kill()

    await survived(tmp_path, 2, moments, live_and_be_killed)

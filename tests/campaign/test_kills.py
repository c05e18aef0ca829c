"""SIGKILL at a thousand random moments, also of a start or a reload: nothing that was committed may be missing."""

import asyncio
import random

import pytest
from effort import effort
from mosquitto import needs_mosquitto
from running_gateway import gateway
from surviving import survived

KILLS = effort(1000, 60)


@pytest.mark.campaign
@needs_mosquitto
async def test_many_kills_lose_nothing_that_was_committed(tmp_path, note):
    seed = random.randrange(2**32)
    moments = random.Random(seed)
    lives = {"killed while it started": 0, "killed": 0, "killed after a reload": 0}

    async def live_and_be_killed(config, change):
        how = moments.choice(list(lives))
        async with gateway(config) as running:
            if how == "killed while it started":
                await asyncio.sleep(moments.uniform(0.0, 0.3))
            else:
                await running.logged("gateway_started")
                await asyncio.sleep(moments.uniform(0.0, 0.6))
            if how == "killed after a reload":
                change()
                running.reload()
                await asyncio.sleep(moments.expovariate(20))
            await running.kill()
        lives[how] += 1

    messages, _ = await survived(tmp_path, KILLS, moments, live_and_be_killed)
    note(f"{lives} (seed {seed}): {messages} messages, 0 missing")

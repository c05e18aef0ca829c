"""Reloads at random moments to random configs, under load, and that nothing is lost by them."""

import asyncio
import random
from datetime import datetime

import pytest
from changing_config import STEADY, random_config
from fake_plugins import install
from learner import CODE, recalled
from living_gateway import living
from mosquitto import running_mosquitto
from receiver import receiving


async def reloaded_at_random(folder, times, seed, pause):
    """Reload again and again; give the receiver and the gateway when all has been sent."""
    chance = random.Random(seed)
    with pytest.MonkeyPatch.context() as monkeypatch:
        install(monkeypatch, folder, "learner", CODE)
        return await _reloaded_at_random(folder, times, chance, pause)


async def _reloaded_at_random(folder, times, chance, pause):
    async with running_mosquitto(folder) as broker, receiving(broker.port) as receiver:
        path = folder / "gatewayd.toml"
        path.write_text(STEADY.format(mqtt=broker.port))
        async with living(path) as gateway:
            await receiver.first("alarm", rule="steady", state="raised")
            for _ in range(times):
                await gateway.reload(random_config(chance, broker.port))
                await asyncio.sleep(chance.random() * pause)
        steady = gateway.source("steady")
        await receiver.first("status", status="offline")
        given, wrong = recalled()
        assert given, "something was remembered"
        assert not wrong, "what was learned of another device"
        return receiver, gateway, steady


def nothing_is_lost(receiver, gateway, steady):
    assert not receiver.missing()
    assert len(receiver.of("alarm", rule="steady")) == 1, "raised once, and never cleared"
    summaries = receiver.of("summary", source="steady")
    assert sum(each["polls"] for each in summaries) == steady.polls, "each poll is in one summary"
    assert sum(each["channels"].get("pressure", {"count": 0})["count"] for each in summaries) == steady.polls
    assert {_seconds(each) for each in summaries[1:-1]} <= {1.0}, "no reload ends the period of what it leaves alone"
    assert steady.failed == 0
    assert gateway.run.status().uplink.reconnects == 0, "one connection for all"
    assert not gateway.run.status().problems


def _seconds(summary):
    start, end = (datetime.fromisoformat(summary[each]) for each in ("start", "end"))
    return round((end - start).total_seconds(), 2)

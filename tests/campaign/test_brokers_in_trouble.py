"""A broker that throttles, is slow, silent or hangs up, for long: nothing is lost, and the receiver proves it."""

import os
import random

import pytest
from broker_in_trouble import survived

pytestmark = pytest.mark.campaign

ROUNDS = 20 if os.environ.get("GATEWAYD_CAMPAIGN") == "brief" else 300


async def test_nothing_is_lost_whatever_the_broker_does_for_long(tmp_path, monkeypatch, note):
    seed = random.randrange(10**6)
    note(f"seed {seed}, {await survived(tmp_path, monkeypatch, rounds=ROUNDS, longest=0.5, seed=seed)}")

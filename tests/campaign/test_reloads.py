"""A hundred reloads at random moments, under load: nothing is lost, and what does not change goes on."""

import pytest
from effort import effort
from mosquitto import needs_mosquitto
from random_reloads import nothing_is_lost, reloaded_at_random

pytestmark = pytest.mark.campaign
RELOADS = effort(100, brief=20)


@needs_mosquitto
async def test_random_reloads_under_load_lose_nothing(tmp_path, note):
    receiver, gateway, steady = await reloaded_at_random(tmp_path, RELOADS, seed=100, pause=0.2)
    nothing_is_lost(receiver, gateway, steady)
    note(f"{RELOADS} reloads, {steady.polls} polls every 10 ms of one source, {steady.missed} missed, none lost")

"""72 hours without a broker at a summary a second, in minutes: the outbox's side of it, with its real files."""

import pytest
from effort import effort
from long_outage import survives

pytestmark = pytest.mark.campaign

SECONDS = effort(72 * 3600, 20_000)
SIZE = 256_000_000


async def test_72_hours_without_a_broker_cost_nothing(tmp_path, note):
    used, rate, late = await survives(tmp_path / "outbox.db", SECONDS, SIZE)
    note(f"{SECONDS} summaries, {used / 1e6:.0f} MB, drained at {rate:.0f}/s, live ones at most {late:.2f} s late")

"""A long outage loses nothing within the quota, keeps the order, and what is new does not wait for the backlog."""

from long_outage import outage, survives
from outboxes import alarm, number_of, opened, stored, urgent

from gatewayd.uplink import MessageClass

EVENT, SUMMARY, READINGS = MessageClass


async def test_a_thousand_seconds_without_a_broker_costs_nothing(tmp_path):
    await survives(tmp_path / "outbox.db", 1000, 64_000_000)


async def test_an_alarm_overtakes_the_backlog(tmp_path):
    async with opened(tmp_path / "outbox.db") as outbox:
        await outage(outbox, 600)
        outbox.restart()
        for _ in range(200):
            outbox.acked(await outbox.next_row())
        outbox.put(urgent(alarm(7)))
        await stored(outbox)
        row = await outbox.next_row()
        assert (row.message_class, number_of(row.record), row.late) == (EVENT, 7, False)

"""An outbox that nobody empties for days, and how it is emptied then."""

import asyncio
import time

from outboxes import number_of, opened, stored, summary

from gatewayd.records import Output

LIVE = 10_000_000
"""Numbers of summaries that are made while the backlog is sent."""
PACE = 0.05
"""Seconds between those."""
LATE = 5.0
RATE = 100


async def outage(outbox, count):
    """A summary a second while nobody takes them, as fast as the disk does."""
    outbox.restart()
    for number in range(count):
        outbox.put(Output((summary(number),)))
        if number % 100 == 99:
            await stored(outbox)
    await stored(outbox)
    assert outbox.waiting == count + 1
    assert outbox.status().lost == 0


async def live(outbox, put):
    """What is new, while the backlog is sent; `put` says when."""
    while True:
        number = LIVE + len(put)
        put[number] = time.monotonic()
        outbox.put(Output((summary(number),)))
        await asyncio.sleep(PACE)


async def drained(outbox, count):
    """Take and acknowledge all; gives the numbers in their order, how late live ones were, and the rate."""
    put, late, order = {}, [], []
    outbox.restart()
    begun = time.monotonic()
    making = asyncio.create_task(live(outbox, put))
    while len(order) < count:
        row = await outbox.next_row()
        number = number_of(row.record)
        if number is not None and number < LIVE:
            order.append(number)
            assert row.late
        elif number is not None:
            late.append(time.monotonic() - put[number])
            assert not row.late
        outbox.acked(row)
        if len(order) % 20 == 0:
            await asyncio.sleep(0)
    making.cancel()
    return order, late, count / (time.monotonic() - begun)


async def survives(path, count, size):
    """An outage of so many seconds; gives the bytes that it took, the rate and the greatest lateness."""
    async with opened(path, size) as outbox:
        await outage(outbox, count)
        used = outbox.status().bytes
    async with opened(path, size) as outbox:
        order, late, rate = await drained(outbox, count)
        assert order == list(range(count)), "each once, in order"
        assert outbox.status().lost == 0
    assert late
    assert max(late) < LATE
    assert rate > RATE
    return used, rate, max(late)

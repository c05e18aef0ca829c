"""Records that can be told apart, and outboxes that are open for the length of a test."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
from sample_records import ALARM, READINGS, SUMMARY

from gatewayd.records import Alarm, Output, Readings, Saved, Summary
from gatewayd.uplink import Outbox

MB = 1 << 20
PATIENCE = 20.0


def alarm(number):
    return msgspec.structs.replace(ALARM, rule=f"rule{number}")


def summary(number):
    return msgspec.structs.replace(SUMMARY, source=f"pump{number}")


def readings(number, size=800):
    return msgspec.structs.replace(READINGS, source=f"pump{number}", values=bytes(size))


def number_of(record):
    """What a record was made with; None if it is none of ours."""
    if isinstance(record, Alarm):
        return int(record.rule.removeprefix("rule"))
    if isinstance(record, Summary | Readings):
        return int(record.source.removeprefix("pump"))
    return None


def urgent(*records, saved=()):
    return Output(records, tuple(saved), urgent=True)


@asynccontextmanager
async def opened(path, max_size=4 * MB, gateway=""):
    """An open outbox, closed at the end."""
    outbox = Outbox(path, max_size, gateway)
    outbox.open()
    try:
        yield outbox
    finally:
        await outbox.close()


async def stored(outbox):
    """Wait until all that was put, acknowledged and set aside is on disk."""
    outbox.put(urgent(saved=[Saved("test", "marker", "", b"1")]))
    async with asyncio.timeout(PATIENCE):
        while not outbox._inbox.idle():
            outbox._changed.clear()
            await outbox._changed.wait()


async def until(condition):
    """Wait for what the writer only shows, but does not tell."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


async def take(outbox, count):
    """The next so many rows."""
    async with asyncio.timeout(PATIENCE):
        return [await outbox.next_row() for _ in range(count)]


async def take_all(outbox, in_flight=0):
    """All rows that wait, but for those that were taken before and not settled yet."""
    await stored(outbox)
    rows = await take(outbox, outbox.status().waiting - in_flight)
    assert outbox._delivery.next() is None
    return rows


def content(rows):
    """What rows of ours were made with, by class."""
    numbers = {}
    for row in rows:
        if (number := number_of(row.record)) is not None:
            numbers.setdefault(row.message_class, []).append(number)
    return numbers

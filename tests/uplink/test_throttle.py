import asyncio

import pytest
from sample_records import ALARM, SUMMARY

from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.row import MessageClass, Row
from gatewayd.uplink.throttle import Throttle


@pytest.fixture
def pauses(monkeypatch):
    """The pauses that are made, none of which lasts."""
    made, sleep = [], asyncio.sleep

    async def slept(seconds):
        made.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", slept)
    return made


def row(number, record=SUMMARY):
    message_class = MessageClass.EVENT if record is ALARM else MessageClass.SUMMARY
    return Row(number, message_class, number, record, late=False, epoch="e")


def throttle():
    return Throttle(Backoff(1.0, 60.0, chance=lambda: 0.0))


async def test_rows_come_back_in_order_events_first_after_one_pause(pauses):
    throttled = throttle()
    for each in (row(3), row(1), row(4, ALARM), row(2)):
        throttled.put(each, "quota exceeded")
    given = []
    while throttled.holds:
        given.append((await throttled.next()).id)
        throttled.answered()
    assert given == [4, 1, 2, 3]
    assert [each for each in pauses if each] == [1.0]


async def test_the_pauses_grow_as_long_as_nothing_is_taken_and_begin_anew_then(pauses):
    throttled = throttle()
    throttled.put(row(1), "quota exceeded")
    for _ in range(8):
        throttled.put(await throttled.next(), "quota exceeded")
        throttled.answered()
        assert throttled.holds
    await throttled.next()
    throttled.answered()
    assert not throttled.holds
    throttled.put(row(2), "quota exceeded")
    await throttled.next()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 1]

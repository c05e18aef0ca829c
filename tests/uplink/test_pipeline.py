"""The pipeline over a connection whose other end is the test."""

import asyncio

from fake_outbox import FakeOutbox
from sample_records import ALARM, SUMMARY

from gatewayd.records import Alarm
from gatewayd.uplink.mqtt.connection import Connection, ConnectionLostError, Limits, Message
from gatewayd.uplink.pipeline import Pipeline
from gatewayd.uplink.suspicion import Suspicion
from gatewayd.uplink.tally import Tally
from gatewayd.uplink.throttle import Throttle

LIMIT = 100


def message(row):
    """An alarm fits into a packet, all else does not."""
    return Message("topic", bytes(0 if isinstance(row.record, Alarm) else LIMIT))


async def test_a_message_that_never_left_says_nothing_about_those_that_are_on_their_way():
    outbox, sent, tally = FakeOutbox(), [], Tally()
    outbox.put(ALARM, SUMMARY)
    connection = Connection(lambda each: sent.append(each) or len(sent), Limits(20, LIMIT))
    pipeline = Pipeline(connection, outbox, encode=message, suspicion=Suspicion(), tally=tally, throttle=Throttle())
    running = asyncio.create_task(pipeline.run())
    async with asyncio.timeout(5):
        while not outbox.aside:
            await asyncio.sleep(0)
    assert list(outbox.aside) == [2]
    assert (len(sent), tally.sent, tally.refused) == (1, 1, 1)
    assert pipeline.suspect(ConnectionLostError("the network is gone")) is None
    assert pipeline.suspect(ConnectionLostError("hung up", accuses=True)).record is ALARM
    running.cancel()
    await asyncio.wait({running})

"""One timer for many requests: each waits as long as it is told to, however the ones before it ended."""

import asyncio

import pytest
from modbus_replies import ADDRESSES, REQUESTS, UNIT, Reply, Wire

from gatewayd.plugin import SourceError
from gatewayd.testing import hold, simulate
from gatewayd_plugins.modbus.wire.address import Framing
from gatewayd_plugins.modbus.wire.exchange import Exchange
from gatewayd_plugins.modbus.wire.lockstep import LATE, MOST_WAITING

ASKED = REQUESTS[0]
ANSWER = b"\x02\x12\x34"


async def connected():
    exchange = Exchange(ADDRESSES[Framing.TCP])
    exchange.connection_made(Wire())
    return exchange


def answer_to(number):
    return Reply(ANSWER, transaction=number).framed(Framing.TCP)


async def answered(exchange, number, wait, after):
    asyncio.get_running_loop().call_later(after, exchange.data_received, answer_to(number))
    return await exchange.ask(UNIT, ASKED, wait)


async def given_up(exchange, wait):
    """After how many seconds."""
    begun = asyncio.get_running_loop().time()
    with pytest.raises(SourceError, match=f"no answer within {wait:g} s"):
        await exchange.ask(UNIT, ASKED, wait)
    return asyncio.get_running_loop().time() - begun


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (10.0, 0.5), (0.5, 10.0)])
def test_each_request_waits_as_long_as_it_is_told_to(first, second):
    async def run():
        exchange = await connected()
        await answered(exchange, 1, first, after=0.3)
        return await given_up(exchange, second), await given_up(exchange, first)

    assert simulate(run()) == (pytest.approx(second), pytest.approx(first))


def test_an_answer_that_comes_just_in_time_is_taken():
    async def run():
        exchange = await connected()
        return [await answered(exchange, number, 1.0, after=0.999) for number in range(1, 6)]

    assert simulate(run()) == [ANSWER[1:]] * 5


def test_when_the_event_loop_was_held_up_what_came_meanwhile_is_taken():
    async def run():
        exchange = await connected()
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, hold, 5.0)
        loop.call_later(5.11, exchange.data_received, answer_to(1))
        given = await exchange.ask(UNIT, ASKED, 1.0)
        loop.call_later(0.1, hold, 5.0)
        begun = loop.time()
        with pytest.raises(SourceError, match="no answer"):
            await exchange.ask(UNIT, ASKED, 1.0)
        return given, loop.time() - begun

    assert simulate(run()) == (ANSWER[1:], pytest.approx(0.1 + 5.0 + LATE))


def test_many_requests_leave_one_timer_and_none_when_nobody_waits():
    async def run():
        exchange = await connected()
        timers = set()
        for number in range(1, 50):
            await answered(exchange, number, 1.0, after=0.001)
            timers.add(exchange._timer)
        await asyncio.sleep(2)
        return len(timers), exchange._timer

    assert simulate(run()) == (1, None)


def test_a_request_that_is_broken_off_does_not_disturb_the_next():
    async def run():
        exchange = await connected()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await exchange.ask(UNIT, ASKED, 5.0)
        late = asyncio.get_running_loop().call_later(0.1, exchange.data_received, answer_to(1))
        given = await answered(exchange, 2, 1.0, after=0.2)
        assert late.when() < asyncio.get_running_loop().time()
        return given

    assert simulate(run()) == ANSWER[1:]


def test_a_connection_that_is_lost_ends_the_wait():
    async def run():
        exchange = await connected()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        loop.call_later(0.1, exchange.connection_lost, None)
        with pytest.raises(SourceError, match="closed by the other end"):
            await exchange.ask(UNIT, ASKED, 5.0)
        return loop.time() - begun

    assert simulate(run()) == pytest.approx(0.1)


def test_however_much_comes_only_so_much_waits():
    async def run():
        exchange = await connected()
        asking = asyncio.create_task(exchange.ask(UNIT, ASKED, 1.0))
        await asyncio.sleep(0)
        for _ in range(20):
            exchange.data_received(b"\x00\x01\x00\x00\xff\xff" + bytes(400))
            assert len(exchange.recv_buffer) <= MOST_WAITING
        with pytest.raises(SourceError, match="no valid answer"):
            await asking

    simulate(run())

import asyncio
import contextlib

import pytest

from gatewayd.sources.calling.deadline import AGAIN, LATE, Deadline
from gatewayd.testing import hold, simulate


def now():
    return asyncio.get_running_loop().time()


async def broken_off(deadline, limit, action):
    """Whether what `action` does is broken off, and how long it took."""
    begun = now()
    deadline.begin(limit)
    try:
        await action()
    except asyncio.CancelledError:
        assert deadline.passed
    deadline.end()
    return deadline.passed, pytest.approx(now() - begun)


def test_what_ends_in_time_is_not_broken_off():
    assert simulate(broken_off(Deadline(), 2.0, lambda: asyncio.sleep(1.5))) == (False, 1.5)


def test_what_takes_too_long_is_broken_off_at_its_limit():
    assert simulate(broken_off(Deadline(), 2.0, lambda: asyncio.sleep(50))) == (True, 2.0)


def test_each_call_has_a_limit_of_its_own_whatever_the_one_before_had():
    async def calls():
        deadline, outcomes = Deadline(), []
        for limit, takes in [(10.0, 1.0), (3.0, 9.0), (0.5, 0.4), (20.0, 15.0), (1.0, 2.0), (1.0, 0.5)]:
            outcomes.append(await broken_off(deadline, limit, lambda takes=takes: asyncio.sleep(takes)))
        return outcomes

    assert simulate(calls()) == [(False, 1.0), (True, 3.0), (False, 0.4), (False, 15.0), (True, 1.0), (False, 0.5)]


def test_between_calls_nothing_is_broken_off():
    async def calls():
        deadline = Deadline()
        await broken_off(deadline, 2.0, lambda: asyncio.sleep(1))
        await asyncio.sleep(100)
        return await broken_off(deadline, 2.0, lambda: asyncio.sleep(1))

    assert simulate(calls()) == (False, 1.0)


def test_a_call_that_ignores_that_it_was_broken_off_is_known_for_it_after_a_while():
    deadline = Deadline()

    async def stubborn():
        for _ in range(2):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(100)
            noted.append(deadline.ignored)

    noted = []
    assert simulate(broken_off(deadline, 2.0, stubborn)) == (True, 2.0 + AGAIN)
    assert noted == [False, True]
    assert not deadline.ignored


def test_what_goes_on_although_it_was_broken_off_is_broken_off_again():
    async def stubborn():
        for _ in range(3):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(100)
        await asyncio.sleep(100)

    assert simulate(broken_off(Deadline(), 2.0, stubborn)) == (True, 2.0 + 3 * AGAIN)


def test_a_task_that_was_broken_off_is_not_left_cancelled():
    async def calls():
        await broken_off(Deadline(), 1.0, lambda: asyncio.sleep(5))
        return asyncio.current_task().cancelling()

    assert simulate(calls()) == 0


def test_time_in_which_nothing_could_run_is_not_held_against_a_call():
    async def calls():
        deadline = Deadline()
        asyncio.get_running_loop().call_later(1.0, hold, 30.0)
        answered_meanwhile = await broken_off(deadline, 2.0, lambda: asyncio.sleep(1.5))
        asyncio.get_running_loop().call_later(1.0, hold, 30.0)
        silent = await broken_off(deadline, 2.0, lambda: asyncio.sleep(100))
        return answered_meanwhile, silent

    assert simulate(calls()) == ((False, 31.0), (True, 31.0 + LATE))

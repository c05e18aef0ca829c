import asyncio

import pytest

from gatewayd import clock
from gatewayd.testing import START, hold, serving, simulate


def test_hours_pass_at_once_and_our_clock_goes_with_them():
    async def sleep():
        before = clock.now()
        await asyncio.sleep(36_000)
        return asyncio.get_running_loop().time() - START, clock.now() - before

    assert simulate(sleep()) == (36_000, 36_000 * 10**9)


def test_waiting_for_what_never_comes_is_told():
    async def wait():
        await asyncio.Event().wait()

    with pytest.raises(AssertionError, match="waits for ever"):
        simulate(wait())


def test_code_that_blocks_lets_time_pass():
    async def block():
        hold(3.0)
        return asyncio.get_running_loop().time()

    assert simulate(block()) == START + 3.0


async def test_only_a_simulation_can_be_held():
    with pytest.raises(TypeError, match=r"time\.sleep"):
        hold(1.0)


def test_with_a_moment_a_socket_is_waited_for():
    async def echo(reader, writer):
        writer.write(await reader.readline())

    async def ask():
        async with serving(echo) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"abc\n")
            async with asyncio.timeout(1.0):
                answer = await reader.readline()
            writer.close()
            return answer

    assert simulate(ask(), moment=0.05) == b"abc\n"


def test_with_a_moment_a_thread_is_waited_for():
    async def ask():
        return await asyncio.to_thread(lambda: 3)

    assert simulate(ask(), moment=0.05) == 3

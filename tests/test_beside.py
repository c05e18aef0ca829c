"""Work beside the event loop: what it gives and raises reaches who waits, whatever it is."""

import asyncio
import threading

import pytest

from gatewayd.beside import beside


async def test_it_is_done_in_another_thread_and_gives_what_it_gives():
    assert await beside(lambda number: (number, threading.current_thread() is threading.main_thread()), 3) == (3, False)


@pytest.mark.parametrize(
    ("raised", "arrives"), [(OSError("full"), OSError), (StopIteration(1), RuntimeError), (SystemExit(2), SystemExit)]
)
async def test_what_it_raises_arrives(raised, arrives):
    def work():
        raise raised

    with pytest.raises(arrives):
        async with asyncio.timeout(5):
            await beside(work)


async def test_where_no_thread_is_to_be_had_it_is_done_all_the_same(monkeypatch):
    def refused(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    assert await beside(threading.current_thread) is threading.main_thread()


async def test_who_does_not_wait_any_more_is_not_troubled():
    goes_on, over = threading.Event(), threading.Event()

    def work():
        goes_on.wait(10)
        over.set()

    waiting = asyncio.create_task(beside(work))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    goes_on.set()
    assert await asyncio.to_thread(over.wait, 10)
    await asyncio.sleep(0)

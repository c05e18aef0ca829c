"""What runs one after the other."""

import asyncio
import contextlib

import pytest
from simulated import simulated

from gatewayd.daemon.succession import Succession, ended


class Runner:
    def __init__(self, log, name, lasts=None, fails=None, ending=0.0):
        self.log, self.name, self.lasts, self.fails, self.ending = log, name, lasts, fails, ending

    async def run(self):
        self.log.append(f"{self.name} begins")
        try:
            if self.fails:
                raise self.fails
            await (asyncio.Event().wait() if self.lasts is None else asyncio.sleep(self.lasts))
        finally:
            await asyncio.sleep(self.ending)
            self.log.append(f"{self.name} ends")


@contextlib.asynccontextmanager
async def running(succession):
    task = asyncio.create_task(succession.run())
    await asyncio.sleep(0.01)
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@simulated
async def test_the_next_one_begins_when_the_one_before_has_ended_and_the_last_one_ends_with_all():
    log = []
    succession = Succession(Runner(log, "a", ending=0.02))
    async with running(succession):
        succession.exchange(Runner(log, "b"))
        succession.exchange(Runner(log, "c"))
        await asyncio.sleep(0.05)
        assert log == ["a begins", "a ends", "c begins"]
    assert log[-1] == "c ends"


@simulated
async def test_one_that_has_nothing_more_to_do_is_followed_all_the_same():
    log = []
    succession = Succession(Runner(log, "a", lasts=0))
    async with running(succession):
        assert log == ["a begins", "a ends"]
        succession.exchange(Runner(log, "b"))
        await asyncio.sleep(0.01)
        assert log[-1] == "b begins"


@simulated
async def test_what_one_raises_is_raised():
    with pytest.raises(ValueError, match="no"):
        await Succession(Runner([], "a", fails=ValueError("no"))).run()


class Talkative:
    """Says something at each turn of the event loop, and when it is told to end a little more; then it may fail."""

    def __init__(self, log, fails=None):
        self.log, self.fails = log, fails

    async def run(self):
        try:
            while True:
                self.log.append("talks")
                await asyncio.sleep(0)
        finally:
            for _ in range(5):
                self.log.append("ends")
                await asyncio.sleep(0)
            if self.fails:
                raise self.fails


async def test_one_that_talks_on_while_it_ends_is_not_heard_after_the_next_one_has_begun():
    log = []
    succession = Succession(Talkative(log))
    async with running(succession):
        succession.exchange(Runner(log, "b"))
        async with asyncio.timeout(20):
            while log[-1] != "b begins":
                await asyncio.sleep(0)
        assert log[-6:] == [*["ends"] * 5, "b begins"]


async def test_what_one_raises_while_it_ends_is_raised_and_nothing_follows_it():
    log = []
    succession = Succession(Talkative(log, ValueError("no")))
    succeeding = asyncio.create_task(succession.run())
    await asyncio.sleep(0.01)
    succession.exchange(Runner(log, "b"))
    with pytest.raises(ValueError, match="no"):
        await succeeding
    assert log[-1] == "ends"


@simulated
async def test_who_waits_for_an_end_and_is_told_to_go_goes_when_it_has_come():
    said = []

    async def farewell():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            said.append("goodbye")

    task = asyncio.create_task(farewell())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(ended(task))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert said == ["goodbye"]

"""What a source does when its device is away, silent, cut off or talks nonsense."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gatewayd.foreign import raised
from gatewayd.plugin import SourceError
from gatewayd.testing.faults import FaultyWire, faulty_wire
from gatewayd.testing.hand import Hand, by_hand
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.holding import held
from gatewayd.testing.suite.possessions import SETTLING, at_work, left_behind, possessions
from gatewayd.testing.suite.running import run
from gatewayd.testing.suite.saying import Given, Said, all_good, said
from gatewayd.testing.suite.subject import Subject

HARMLESS = (SourceError, OSError, EOFError)
"""What a device or a network may make a source raise; anything else is logged as a bug, with its traceback."""
PATIENCE = 0.5
"""Seconds that a source may wait for a silent device here before it is broken off, as gatewayd does later."""
LONGEST_HOLD = 0.25
"""Seconds for which nothing else runs, at most, while a poll fails."""
LONGEST_THREAD = 10.0
"""Seconds that a thread may go on after its poll was broken off: the usual `poll_limit`."""
BRIEF = 1.0
"""Seconds that a poll may take to end when it is broken off, or more than usual to be answered by a device in order."""
WAYS = (
    ("garbles", True, "talks nonsense"),
    ("silent", True, "is silent"),
    ("cuts_after", 1, "is cut off in its answer"),
)
"""How a device fails: the fault of its wire, and in words."""
ADDRESS = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)")

SHOWN = 3
"""Values of a channel that are shown."""
MOST_KEPT = 100
"""Polls after which what a source has kept of its device's words is used up."""


class FailingTests(Subject):
    """Tests of polls that are not answered as they should be.

    Those of the wire put themselves between source and device where the options show a TCP port of this machine.
    """

    def test_a_device_that_is_gone_is_a_failed_poll_and_no_bug(self) -> None:
        """Devices go; that is what the operator wants to be told, in a line of text."""

        async def lose() -> None:
            async with AsyncExitStack() as device:
                table = await device.enter_async_context(self.present())
                async with by_hand(**table) as hand:
                    await hand.poll()
                    await device.aclose()
                    for _ in range(2):
                        await _fail(hand, "is gone")
                    await _demand_no_invention(hand, "is gone")

        run(lose())

    def test_a_silent_device_is_given_up_and_read_again_when_it_speaks(self) -> None:
        """Broken off if need be."""

        async def silence(wire: FaultyWire, hand: Hand) -> None:
            wire.silent = True
            await _fail(hand, "is silent")
            await _threads_end()
            wire.heal()
            await _well_again(hand)

        run(self._with_a_wire(silence))

    def test_a_connection_that_is_cut_is_made_again(self) -> None:
        """Between two polls, and in the middle of an answer."""

        async def cut(wire: FaultyWire, hand: Hand) -> None:
            wire.cut()
            await asyncio.sleep(0.01)
            await _fail(hand, "hung up")
            await _well_again(hand)
            wire.cuts_after = 1
            wire.cut()
            await asyncio.sleep(0.01)
            for _ in range(2):
                await _fail(hand, "is cut off in its answer")
            wire.heal()
            await _well_again(hand)

        run(self._with_a_wire(cut))

    def test_nonsense_is_a_failed_poll_and_no_bug(self) -> None:
        """All bytes of an answer are wrong. What comes after is read as before."""

        async def garble(wire: FaultyWire, hand: Hand) -> None:
            before = said(await hand.poll())
            wire.garbles = True
            for _ in range(2):
                await _fail(hand, "talks nonsense")
            await _demand_no_invention(hand, "talks nonsense", before)
            wire.heal()
            await _well_again(hand)

        run(self._with_a_wire(garble))

    def test_a_failed_poll_leaves_nothing_behind(self) -> None:
        """While a device is broken, polls fail for weeks."""

        async def fail(wire: FaultyWire, hand: Hand) -> None:
            await _fail_in_all_ways(wire, hand)
            before = possessions()
            await _fail_in_all_ways(wire, hand)
            left = await left_behind(before)
            demand(
                holds=not left, what=f"failed polls leave behind: {', '.join(left)}", fix="let go of it in `finally`"
            )

        run(self._with_a_wire(fail))

    def test_an_answer_may_come_in_crumbs(self) -> None:
        """TCP is a stream: where it is cut into packets is nobody's promise."""

        async def crumble(wire: FaultyWire, hand: Hand) -> None:
            first, second = said(await hand.poll()), said(await hand.poll())
            wire.crumb = 1
            crumbs = said(await _well_again(hand))
            demand(
                holds=crumbs == first or first != second or not (crumbs and first),
                what=f"it reads {crumbs} instead of {first} when the answer comes byte by byte",
                fix="read until the answer is complete, as with readexactly() or readline()",
            )

        run(self._with_a_wire(crumble))

    async def _with_a_wire(self, trial: Any) -> None:
        """`trial` on a source that has read its device once, through a wire."""
        async with self.present() as table:
            port = _port(table)
            if port is None:
                pytest.skip("the options have no TCP port of this machine: no faulty wire can be put before it")
            async with faulty_wire(port) as wire, by_hand(**_instead(table, port, wire.port)) as hand:
                await hand.poll()
                if not wire.connections:
                    pytest.skip("the source does not connect to the TCP port that its options name")
                await trial(wire, hand)


async def _demand_no_invention(hand: Hand, how: str, before: Said | None = None) -> None:
    """What a source has kept of its device's words comes to an end; what it gives for ever it makes up.

    `before`: what it gave of the device in order, where only that is certain to be made up now.
    """
    for _ in range(MOST_KEPT):
        given = await _fail(hand, how)
        if not all_good(given, hand.polls[0].channels) or before not in (None, said(given)):
            return
    demand(
        holds=False,
        what=f"it goes on giving good values of a device that {how}: {_told(said(given))}",
        fix="raise SourceError, or give Quality.BAD with a reason",
    )


async def _fail(hand: Hand, how: str) -> Given:
    """A poll of a device that is out of order: it must end in time, and raise no bug. Gives what it gives."""
    hold, given = await _failed(hand, how)
    if hold > LONGEST_HOLD:  # it may be the computer that was busy
        again, given = await _failed(hand, how)
        hold = min(hold, again)
    demand(
        holds=hold <= LONGEST_HOLD,
        what=f"a poll of a device that {how} holds everything up for {hold:.3f} s at a time",
        fix="await what takes long; asyncio.to_thread can",
    )
    return given


async def _failed(hand: Hand, how: str) -> tuple[float, Given]:
    """One such poll; gives for how many seconds it has held the event loop, and what it gave."""
    task = asyncio.create_task(hand.poll(), name="poll")
    hold = await held(lambda: asyncio.wait({task}, timeout=PATIENCE))
    if not task.done():
        task.cancel()
        hold = max(hold, await held(lambda: asyncio.wait({task}, timeout=BRIEF)))
    demand(
        holds=task.done(),
        what=f"a poll of a device that {how} cannot be broken off",
        fix="let asyncio.CancelledError pass",
    )
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, HARMLESS):
        what = f"a device that {how} makes it raise {raised(error)}"
        raise ConformanceError(f"{what}; raise SourceError instead") from error
    return hold, () if task.cancelled() or error else task.result()


async def _fail_in_all_ways(wire: FaultyWire, hand: Hand) -> None:
    for fault, value, how in WAYS:
        setattr(wire, fault, value)
        await _fail(hand, how)
        wire.heal()
    await hand.close()


async def _threads_end() -> None:
    """Wait for what a poll that was broken off has left running in threads."""
    for _ in range(round(LONGEST_THREAD / SETTLING)):
        if not at_work():
            return
        await asyncio.sleep(SETTLING)
    demand(
        holds=False,
        what=f"{LONGEST_THREAD:g} s after a poll was broken off its thread still waits at {', '.join(at_work())}",
        fix="threads cannot be broken off: give whatever waits in one a time limit",
    )


async def _well_again(hand: Hand) -> Given:
    """What the source reads of a device that is in order again: it may fail twice before."""
    said: list[str] = []
    while len(said) < 3:
        try:
            async with asyncio.timeout(BRIEF + hand.took):
                return await hand.poll()
        except (*HARMLESS, TimeoutError) as error:
            said.append(repr(error))
    raise ConformanceError(f"it does not recover: {', '.join(said)}; open() and recover() must start afresh")


def _told(values: Said) -> str:
    """What was said, in words."""
    return "; ".join(f"{channels} {', '.join(each[:SHOWN])}" for channels, each in values)


def _port(value: Any, key: str = "") -> int | None:
    """The port of this machine that options lead to."""
    if isinstance(value, Mapping):
        return next((port for name, each in value.items() if (port := _port(each, name)) is not None), None)
    if isinstance(value, list | tuple):
        return next((port for each in value if (port := _port(each)) is not None), None)
    if isinstance(value, str):
        found = ADDRESS.search(value)
        return int(found[1]) if found else None
    return value if _is_port(key) and isinstance(value, int) and not isinstance(value, bool) else None


def _instead(value: Any, port: int, other: int, key: str = "") -> Any:
    """The same options, with another port."""
    if isinstance(value, Mapping):
        return {name: _instead(each, port, other, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_instead(each, port, other) for each in value]
    if isinstance(value, str):
        return ADDRESS.sub(lambda found: found[0].removesuffix(found[1]) + str(other), value)
    return other if _is_port(key) and value == port else value


def _is_port(key: str) -> bool:
    return key == "port" or key.endswith("_port")

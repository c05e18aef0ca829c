"""What a source does when its device is away, silent, cut off or talks nonsense."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gatewayd.model import Block, Sample, Waveform
from gatewayd.plugin import SourceError
from gatewayd.testing.faults import FaultyWire, faulty_wire
from gatewayd.testing.hand import Hand, by_hand
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.subject import Subject

HARMLESS = (SourceError, OSError, EOFError)
"""What a device or a network may make a source raise; anything else is logged as a bug, with its traceback."""
PATIENCE = 1.0
"""Seconds that a source may wait for a silent device here before it is broken off, as gatewayd does later."""
BRIEF = 1.0
"""Seconds that a poll may take to end when it is broken off, or to be answered by a device in order."""
ADDRESS = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)")

Given = list[Sample | Block | Waveform]


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

        asyncio.run(lose())

    def test_a_silent_device_is_given_up_and_read_again_when_it_speaks(self) -> None:
        """Broken off if need be."""

        async def silence(wire: FaultyWire, hand: Hand) -> None:
            wire.silent = True
            await _fail(hand, "is silent")
            wire.heal()
            await _well_again(hand)

        asyncio.run(self._with_a_wire(silence))

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

        asyncio.run(self._with_a_wire(cut))

    def test_nonsense_is_a_failed_poll_and_no_bug(self) -> None:
        """All bytes of an answer are wrong. What comes after is read as before."""

        async def garble(wire: FaultyWire, hand: Hand) -> None:
            wire.garbles = True
            for _ in range(2):
                await _fail(hand, "talks nonsense")
            wire.heal()
            await _well_again(hand)

        asyncio.run(self._with_a_wire(garble))

    def test_an_answer_may_come_in_crumbs(self) -> None:
        """TCP is a stream: where it is cut into packets is nobody's promise."""

        async def crumble(wire: FaultyWire, hand: Hand) -> None:
            first, second = _said(await hand.poll()), _said(await hand.poll())
            wire.crumb = 1
            crumbs = _said(await _well_again(hand))
            demand(
                holds=crumbs == first or first != second,
                what=f"it reads {crumbs} instead of {first} when the answer comes byte by byte",
                fix="read until the answer is complete, as with readexactly() or readline()",
            )

        asyncio.run(self._with_a_wire(crumble))

    async def _with_a_wire(self, trial: Any) -> None:
        """`trial` on a source that has read its device once, through a wire."""
        async with self.present() as table:
            port = _port(table)
            if port is None:
                pytest.skip("the options have no TCP port of this machine: no faulty wire can be put before it")
            async with faulty_wire(port) as wire, by_hand(**_instead(table, port, wire.port)) as hand:
                await hand.poll()
                await trial(wire, hand)


async def _fail(hand: Hand, how: str) -> Given | None:
    """A poll of a device that is out of order: whatever it gives, it must end in time, and raise no bug."""
    task = asyncio.create_task(hand.poll(), name="poll")
    _, pending = await asyncio.wait({task}, timeout=PATIENCE)
    if pending:
        task.cancel()
        _, pending = await asyncio.wait({task}, timeout=BRIEF)
    demand(
        holds=not pending,
        what=f"a poll of a device that {how} cannot be broken off",
        fix="let asyncio.CancelledError pass",
    )
    if task.cancelled():
        return None
    error = task.exception()
    if error is None:
        return task.result()
    if not isinstance(error, HARMLESS):
        raise ConformanceError(f"a device that {how} makes it raise {error!r}; raise SourceError instead") from error
    return None


async def _well_again(hand: Hand) -> Given:
    """What the source reads of a device that is in order again: it may fail twice before."""
    said: list[str] = []
    while len(said) < 3:
        try:
            async with asyncio.timeout(BRIEF):
                return await hand.poll()
        except (*HARMLESS, TimeoutError) as error:
            said.append(repr(error))
    raise ConformanceError(f"it does not recover: {', '.join(said)}; open() and recover() must start afresh")


def _said(given: Given) -> list[tuple[str, list[float]]]:
    """The channels and values that were given, so that they can be compared."""
    said = []
    for each in given:
        channels = ", ".join(each.channels) if isinstance(each, Block) else each.channel
        values = [each.value] if isinstance(each, Sample) else each.values
        said.append((channels, [float(value) for value in values]))
    return said


def _port(value: Any) -> int | None:
    """The port of this machine that options lead to."""
    if isinstance(value, Mapping):
        port = value.get("port")
        if isinstance(port, int) and not isinstance(port, bool):
            return port
        return next((port for each in value.values() if (port := _port(each)) is not None), None)
    found = ADDRESS.search(value) if isinstance(value, str) else None
    return int(found[1]) if found else None


def _instead(table: Mapping[str, Any], port: int, other: int) -> dict[str, Any]:
    """The same options, with another port."""

    def replaced(key: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {inner: replaced(inner, each) for inner, each in value.items()}
        if isinstance(value, str):
            return ADDRESS.sub(lambda found: found[0].removesuffix(found[1]) + str(other), value)
        return other if key == "port" and value == port else value

    return {key: replaced(key, value) for key, value in table.items()}

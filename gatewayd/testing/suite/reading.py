"""What a source does with a device that answers: what it gives, and what it leaves behind."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Mapping
from contextlib import suppress

from gatewayd.model import Quality
from gatewayd.plugin import now
from gatewayd.testing.bench import Bench, polling
from gatewayd.testing.hand import Hand, by_hand
from gatewayd.testing.suite.demands import demand
from gatewayd.testing.suite.growth import counted, held_bytes
from gatewayd.testing.suite.holding import held
from gatewayd.testing.suite.possessions import SETTLING, left_behind, possessions
from gatewayd.testing.suite.running import run
from gatewayd.testing.suite.subject import Options, Subject

POLLS = 5
ROUNDS = 3
"""Of opening, polling and closing."""
LONGEST_HOLD = 0.020
"""Seconds for which nothing else runs, at most."""
OLDEST = 60.0
"""Seconds."""
SECOND = 1_000_000_000
MOST_GROWTH = 100
"""Bytes a poll: three numbers that are kept. Fewer may as well be kept in a ring that is not full yet."""
STRETCH = 10
"""Polls between two looks at the memory."""
LONGEST_STRETCH = 2.0
"""Seconds between them, at most: a device may take its time."""
BRIEF = 1.0
"""Seconds that a call may take to end when it is broken off."""


class ReadingTests(Subject):
    """Tests of polls that are answered."""

    def test_every_channel_has_a_value(self) -> None:
        """Polled by gatewayd itself, which checks whatever is given."""

        async def read() -> None:
            async with self.present() as table, polling(it=table) as bench:
                for _ in range(POLLS):
                    if not bench.failures["it"]:
                        await bench.polls()
                failures, came = bench.failures["it"], {*bench.readings, *bench.waveforms}
                declared = {f"it.{name}" for poll in bench.polled("it") for name in poll.channels}
            demand(holds=not failures, what=f"polls failed: {failures}", fix="the device was there")
            silent = sorted(declared - came)
            demand(
                holds=not silent,
                what=f"in {POLLS} polls there was no value of {', '.join(silent)}",
                fix="give a value, or one of Quality.BAD with a reason",
            )
            for name, readings in bench.readings.items():
                demand(
                    holds=any(reading.quality != Quality.BAD and math.isfinite(reading.value) for reading in readings),
                    what=f"{name} was never good: {readings[-1].reason or readings[-1].value}",
                    fix="have the device of the test say something good",
                )

        run(read())

    def test_what_is_not_good_has_a_reason(self) -> None:
        """It is all that the operator learns."""

        async def read() -> None:
            async with self.present() as table, polling(it=table) as bench:
                await bench.polls(POLLS)
                doubtful = [
                    (channel, reading)
                    for channel, readings in bench.readings.items()
                    for reading in readings
                    if reading.quality != Quality.GOOD and not reading.reason
                ]
            demand(holds=not doubtful, what=f"no reason for {doubtful[:1]}", fix="say why in `reason` or `reasons`")

        run(read())

    def test_its_newest_values_are_new(self) -> None:
        """A time in seconds, or of another clock, makes a value that was read just now one of long ago."""

        async def read() -> None:
            async with self.present() as table, polling(it=table) as bench:
                await bench.polls(POLLS)
            for name, newest in _newest(bench).items():
                age = (now() - newest) / SECOND
                demand(
                    holds=age <= OLDEST,
                    what=f"the newest value of {name} is {age:.0f} s old",
                    fix="give times in nanoseconds, as gatewayd.plugin.now() does, or none",
                )

        run(read())

    def test_what_it_learned_is_of_use_after_a_restart(self) -> None:
        """Another source with the same options takes it up, and reads on."""

        async def read() -> None:
            async with self.present() as table:
                async with by_hand(**table) as hand:
                    await hand.poll()
                    memory = hand.source.memory()
                async with by_hand(**table) as hand:
                    if memory:
                        hand.source.recall(memory)
                    await hand.poll()

        run(read())

    def test_what_it_says_of_its_device_is_text(self) -> None:
        """Shown by `gatewayd status`, and told upstream."""

        async def read() -> None:
            async with self.in_hand() as hand:
                await hand.poll()
                about = hand.source.about()
            texts = isinstance(about, Mapping) and all(isinstance(each, str) for pair in about.items() for each in pair)
            demand(holds=texts, what=f"about() gives {about!r}", fix="give texts by their names")

        run(read())

    def test_it_leaves_the_event_loop_to_others(self) -> None:
        """All sources, rules and the uplink share it. One of several times at least must be quick throughout."""

        async def read() -> None:
            async with self.in_hand() as hand:
                await hand.poll()
                await hand.close()
                rounds = [[await held(step) for step in (hand.open, hand.poll, hand.close)] for _ in range(ROUNDS)]
            for what, times in zip(("open", "poll", "close"), zip(*rounds, strict=True), strict=True):
                demand(
                    holds=min(times) <= LONGEST_HOLD,
                    what=f"{what}() holds everything up for {min(times):.3f} s at a time",
                    fix="await what takes long; asyncio.to_thread can",
                )

        run(read())

    def test_it_is_closed_and_opened_again(self) -> None:
        """As after a failure, or a reload."""

        async def read() -> None:
            async with self.in_hand() as hand:
                for _ in range(ROUNDS):
                    await hand.poll()
                    await hand.close()

        run(read())

    def test_it_can_be_broken_off_at_any_time(self) -> None:
        """A gateway that stops waits for nobody, and afterwards the source reads as before."""

        async def read() -> None:
            async with self.in_hand() as hand:
                for step in (0, 1, 2, 5, 10):
                    task = asyncio.create_task(hand.poll(), name="poll")
                    for _ in range(step):
                        await asyncio.sleep(0)
                    task.cancel()
                    _, pending = await asyncio.wait({task}, timeout=BRIEF)
                    demand(
                        holds=not pending,
                        what=f"a poll that was broken off goes on for more than {BRIEF:g} s",
                        fix="let asyncio.CancelledError pass",
                    )
                    with suppress(asyncio.CancelledError):
                        await task
                await hand.poll()

        run(read())

    def test_it_leaves_nothing_behind(self) -> None:
        """No task, no thread, no open file: a config is reloaded a thousand times."""

        async def read() -> None:
            async with self.present() as table:
                await _use(table)  # what is opened once for all may stay
                before = possessions()
                await _use(table)
                left = await left_behind(before)
            demand(holds=not left, what=f"it leaves behind: {', '.join(left)}", fix="let go of it in close()")

        run(read())

    def test_its_memory_does_not_grow(self) -> None:
        """It is polled for years."""

        async def read() -> tuple[int, int]:
            async with self.in_hand() as hand:
                await _stretch(hand)
                sizes = []
                with counted():
                    for _ in range(3):
                        polls = await _stretch(hand)
                        sizes.append(await held_bytes())
            return min(sizes[1] - sizes[0], sizes[2] - sizes[1]), polls

        growth, polls = run(read())
        demand(
            holds=growth <= MOST_GROWTH * STRETCH,
            what=f"it grows by {growth / polls:.0f} bytes a poll",
            fix="bound what it keeps",
        )


def _newest(bench: Bench) -> dict[str, int]:
    """When the newest value of each channel was read."""
    newest = {name: max(each.time for each in readings) for name, readings in bench.readings.items()}
    for name, bursts in bench.waveforms.items():
        newest[name] = max(each.time + round(len(each.values) / each.rate * SECOND) for each in bursts)
    return newest


async def _use(table: Options) -> None:
    """Poll a few times, and let what ends a little later end."""
    async with polling(it=table) as bench:
        await bench.polls(2)
    await asyncio.sleep(SETTLING)
    gc.collect()


async def _stretch(hand: Hand) -> int:
    """Poll for a while; gives how many polls there were."""
    loop = asyncio.get_running_loop()
    polls, end = 0, loop.time() + LONGEST_STRETCH
    while polls < STRETCH and loop.time() < end:
        await hand.poll()
        polls += 1
    return polls

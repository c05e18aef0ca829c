"""What dead and slow devices cost their neighbours: 200 devices on 20 lines at 1 s, one on each line dead or slow.

`python benchmarks/lines.py [MINUTES]` polls them through the gateway's own Field in simulated time. For each kind of
trouble and each load of the lines it prints which part of the healthy devices' polls was not made, from the start on
and without the first five minutes, and how often the one in trouble was polled. Then what choosing the next turn costs.
The exit status is 1 when more than a hundredth was lost after the first five minutes.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import structlog

from gatewayd.testing import simulate

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "parts"))

from fake_field import FakeField, FakeLine, FakeSource  # noqa: E402 - of the tests
from simulated_line import Device, SimulatedLine  # noqa: E402

LINES = 20
DEVICES = 10
SETTLED = 300.0
"""Seconds in which it is found out who is dead or slow."""
GOAL = 0.01
TROUBLES: dict[str, Callable[[FakeLine], FakeSource]] = {
    "none": lambda line: FakeSource(shares=line, takes=0.02),
    "dead, fails after 1 s": lambda line: FakeSource(shares=line, silent=True, gives_up=1.0),
    "dead, fails after 3 s": lambda line: FakeSource(shares=line, silent=True, gives_up=3.0),
    "slow, answers after 0.9 s": lambda line: FakeSource(shares=line, takes=0.9),
    "slow, answers after 3 s": lambda line: FakeSource(shares=line, takes=3.0),
}
LOADS = (0.2, 0.8)


def main() -> int:
    """Print a row for each load; give the exit status."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"{LINES * DEVICES} devices on {LINES} lines at 1 s for {minutes:g} min; each trouble is on every fifth line")
    print(f"{'load':>5}  {'one in ten is':<28} {'lost':>8} {'settled':>8}  {'polled every':>12}")
    worst = 0.0
    for load in LOADS:
        for trouble, lost, settled, every in simulate(polled(load, 60 * minutes)):
            print(f"{load:>5.0%}  {trouble:<28} {lost:>8.2%} {settled:>8.2%}  {every:>10.1f} s")
            worst = max(worst, settled)
    choosing()
    return int(worst > GOAL)


async def polled(load: float, seconds: float) -> list[tuple[str, float, float, float]]:
    """For each trouble: the part of the neighbours' polls that was lost, once settled, and its own polls' interval."""
    sources = dict(devices(load))
    field = FakeField(sources)
    async with field.running():
        await asyncio.sleep(SETTLED)
        before = {name: answered(field, name) for name in sources}
        await asyncio.sleep(seconds - SETTLED)
        after = {name: answered(field, name) for name in sources}
        tries = {name: field.status(name).polls for name in sources}
    rows = []
    for trouble in TROUBLES:
        healthy = [name for name in sources if name.startswith(f"{trouble}/healthy")]
        own = [tries[name] for name in sources if name.startswith(f"{trouble}/own")]
        made = sum(after[name] for name in healthy)
        late = made - sum(before[name] for name in healthy)
        wanted = len(healthy) * seconds
        rest = len(healthy) * (seconds - SETTLED)
        rows.append((trouble, 1 - made / wanted, max(0.0, 1 - late / rest), seconds * len(own) / sum(own)))
    return rows


def devices(load: float) -> Iterator[tuple[str, FakeSource]]:
    """Nine on each line that ask for so much of its time, and one that is in trouble."""
    troubles = list(TROUBLES)
    for number in range(LINES):
        line, trouble = FakeLine(f"bus{number}"), troubles[number % len(troubles)]
        for device in range(DEVICES - 1):
            yield f"{trouble}/healthy/{number}/{device}", FakeSource(shares=line, takes=load / (DEVICES - 1))
        yield f"{trouble}/own/{number}", TROUBLES[trouble](line)


def answered(field: FakeField, name: str) -> int:
    """How many polls of a device were answered."""
    status = field.status(name)
    return status.polls - status.failed


def choosing() -> None:
    """What it costs to choose the next turn, and to review the paces, in microseconds of CPU."""
    for count in (1, 10, 100):
        line = SimulatedLine({str(number): Device(takes=0.5 / count) for number in range(count)}).run(20.0)
        chosen, reviewed = timed(partial(line.order.next, line.now)), timed(line.review)
        print(f"{count:>4} polls on a line: choosing the next turn takes {chosen:.1f} µs, a review {reviewed:.0f} µs")


def timed(work: Callable[[], object], rounds: int = 5, calls: int = 2000) -> float:
    """Microseconds of CPU for one call: the best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, time.process_time() - begun)
    return 1e6 * best / calls


if __name__ == "__main__":
    sys.exit(main())

"""How long a reload takes, and for how long it keeps everything else waiting, with 20 and 300 sources. Needs mosquitto.

Simulated pumps of 6 channels and 12 features, each with a rule, at 1 s. From the order to a second after its answer:
`late` is how much later than it wanted something came to its turn that wants one every millisecond, other processes
included; `step` is the most time of the processor that the event loop's thread spent without giving anybody a turn.
"nothing" is the same without a reload. Exits with 1 when a step was longer than 20 ms.

Use: reload.py [--sources 20 300] [--times 5]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from stage import broker

from gatewayd.config import load
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.run import Run

GOAL = 0.020
WAKE = 0.001
AFTER = 1.0
"""Seconds after the answer in which what follows from a reload is looked at, too."""
LIVED = 4.0
"""Seconds that a gateway runs before the first reload."""
HEAD = """\
[gateway]
id = "bench"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
"""
SOURCE = """\
[sources.pump{n}]
plugin = "simulator"
interval = "{interval}"
[features.pump{n}]
channels = ["pump{n}.*"]
window = "60s"
every = "10s"
compute = ["std", "rms"]
[rules.pump{n}]
channel = "pump{n}.pressure"
above = {limit}
"""
Text = Callable[[int], str]
"""The config before the given time at which a change is measured, of which each differs from the one before."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds: of the whole, of the worst lateness, of the longest step."""

    whole: float
    late: float
    step: float


def text(mqtt: int, sources: int, *, limit: float = 100.0, interval: str = "1s") -> str:
    """A config whose pump in the middle has such a limit and interval."""
    special = sources // 2
    tables = [
        SOURCE.format(n=n, interval=interval if n == special else "1s", limit=limit if n == special else 100.0)
        for n in range(sources)
    ]
    return HEAD.format(mqtt=mqtt) + "".join(tables)


def changes(mqtt: int, sources: int) -> dict[str, Text]:
    """What is changed, by what it is called."""
    return {
        "the same again": lambda _: text(mqtt, sources),
        "a rule's limit": lambda time: text(mqtt, sources, limit=101.0 + time),
        "a source more or less": lambda time: text(mqtt, sources + (time + 1) % 2),
        "a source's interval": lambda time: text(mqtt, sources, interval=f"{2 + time}s"),
    }


class Looking:
    """How late something is at worst that wants a turn again and again, and how long the longest turn of all takes."""

    def __init__(self) -> None:
        self.late = self.step = 0.0

    async def watch(self) -> None:
        """Look until cancelled."""
        run = asyncio.Handle._run  # noqa: SLF001 - all that the loop does goes through it

        def timed(handle: asyncio.Handle) -> None:
            begun = time.thread_time()
            run(handle)
            self.step = max(self.step, time.thread_time() - begun)

        asyncio.Handle._run = timed  # type: ignore[method-assign] # noqa: SLF001
        try:
            while True:
                begun = time.perf_counter()
                await asyncio.sleep(WAKE)
                self.late = max(self.late, time.perf_counter() - begun - WAKE)
        finally:
            asyncio.Handle._run = run  # type: ignore[method-assign] # noqa: SLF001


@asynccontextmanager
async def living(path: Path) -> AsyncIterator[Orders]:
    """A gateway in this process, which takes these orders."""
    orders = Orders()
    run = Run(load(path), orders, ())
    task = asyncio.create_task(run.until_ending())
    try:
        await asyncio.wait({task}, timeout=LIVED)
        assert run.started, task
        yield orders
    finally:
        orders.order_stop()
        await task


async def took(orders: Orders | None) -> Took:
    """Reload once, or let it be."""
    looking, begun = Looking(), time.perf_counter()
    watching = asyncio.create_task(looking.watch())
    if orders is not None:
        await orders.ask_reload()
    whole = time.perf_counter() - begun
    await asyncio.sleep(AFTER)
    watching.cancel()
    await asyncio.wait({watching})
    return Took(whole, looking.late, looking.step)


async def measured(path: Path, mqtt: int, sources: int, times: int) -> dict[str, list[Took]]:
    """What each change takes, some times each."""
    path.write_text(text(mqtt, sources))
    found: dict[str, list[Took]] = {}
    async with living(path) as orders:
        found["nothing"] = [await took(None) for _ in range(times)]
        for name, changed in changes(mqtt, sources).items():
            found[name] = []
            for n in range(times):
                path.write_text(changed(n))
                found[name].append(await took(orders))
    return found


def shown(sources: int, found: dict[str, list[Took]]) -> None:
    """Print it: medians, and the worst."""
    print(f"{sources} sources, {6 * sources} channels, {12 * sources} features: median, worst of each (ms)")
    print(f"{'':24}{'whole':>16}{'late':>16}{'step':>16}")
    for name, all_took in found.items():
        columns = [sorted(1e3 * getattr(each, of) for each in all_took) for of in Took.__slots__]
        print(f"{name:24}" + "".join(f"{statistics.median(each):>8.0f}{each[-1]:>8.0f}" for each in columns))


def main() -> int:
    """Measure gateways of some sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, nargs="+", default=[20, 300])
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    worst = 0.0
    for sources in asked.sources:
        with tempfile.TemporaryDirectory(prefix="gatewayd-bench-") as name, broker(Path(name)) as mqtt:
            found = asyncio.run(measured(Path(name) / "gatewayd.toml", mqtt, sources, asked.times))
        shown(sources, found)
        worst = max(worst, *(each.step for all_took in found.values() for each in all_took))
    print(f"the longest step: {worst * 1e3:.1f} ms (goal: at most {GOAL * 1e3:.0f} ms)")
    return int(worst > GOAL)


if __name__ == "__main__":
    sys.exit(main())

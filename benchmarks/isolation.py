"""What `isolation = "process"` costs: processor time and memory of both processes, and the delay of each value.

`python benchmarks/isolation.py [SECONDS]` polls the simulator a hundred times a second, here and in a process.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from gatewayd import clock
from gatewayd.config import load
from gatewayd.isolation import Isolation
from gatewayd.model import Input, Polled
from gatewayd.sources import Field

CONFIG = """
[gateway]
id = "benchmark"
[mqtt]
url = "mqtt://nowhere"
[sources.pump]
plugin = "simulator"
interval = "10ms"
"""
TICKS = os.sysconf("SC_CLK_TCK")


async def main(seconds: float) -> None:
    """Measure both."""
    for isolation in ("none", "process"):
        await measured(isolation, seconds)


async def measured(isolation: str, seconds: float) -> None:
    """One line of results."""
    delays: list[int] = []

    def feed(item: Input) -> None:
        if isinstance(item, Polled):
            delays.append(clock.now() - item.time)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gatewayd.toml")
        path.write_text(f'{CONFIG}isolation = "{isolation}"\n')
        config = load(path)
    field = Field(config.sources.values(), config.plan, feed, Isolation().line)
    task = asyncio.create_task(field.run())
    while len(delays) < 100:  # noqa: ASYNC110 - a benchmark may look now and then
        await asyncio.sleep(0.1)
    own = field.status()[0].process
    pids = [os.getpid(), *([own.pid] if own else [])]
    delays.clear()
    before = [busy(pid) for pid in pids]
    await asyncio.sleep(seconds)
    spent = [1e6 * (busy(pid) - begun) / len(delays) for pid, begun in zip(pids, before, strict=True)]
    told = ", ".join(
        f"{who} {micros:.0f} us a poll" for who, micros in zip(("gateway", "its process"), spent, strict=False)
    )
    median, late = np.percentile(delays, [50, 99]) / 1e3
    memory = " of which its own ".join(f"{each / 1e3:.0f} MB" for each in taken(pids[-1]))
    print(f"isolation {isolation}: {told}; delay {median:.0f} us, 99 %: {late:.0f} us; {memory}")
    task.cancel()
    await asyncio.wait({task})


def busy(pid: int) -> float:
    """Seconds of the processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def taken(pid: int) -> list[int]:
    """The memory of a process, and how much of it is nobody else's, in kB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return [sizes["Rss"], sizes["Private_Dirty"]]


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if sys.argv[1:] else 10.0))

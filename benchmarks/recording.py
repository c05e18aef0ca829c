"""What recording and gathering evidence cost: µs for each poll on the event loop, and bytes on the disk.

python benchmarks/recording.py
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gatewayd import clock
from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup
from gatewayd.evidence import Evidence, Facts
from gatewayd.model import Input, Polled, Tick
from gatewayd.recorder import Heading, Recorder, read
from gatewayd.recorder.entries import form_of
from gatewayd.recorder.frames import frame_of
from gatewayd.recorder.segments import Segments
from gatewayd.recorder.waiting import LINGER

CHANNELS = 8
SECOND = 1_000_000_000
HOURS = 6


def polls(count: int) -> list[Input]:
    """A poll each second, of channels as a pump's transmitters give them (12 bits), and two ticks between."""
    noise = np.random.default_rng(1)
    good = np.zeros(CHANNELS, dtype=np.uint8)
    found: list[Input] = []
    for n in range(count):
        values = np.round(2000 + 30 * noise.normal(size=CHANNELS)) * 0.0025
        found.append(Polled(0, n * SECOND + int(noise.integers(2_000_000)), values, good))
        found += [Tick(n * SECOND + 300_000_000), Tick(n * SECOND + 800_000_000)]
    return found


def plan() -> Plan:
    """One source of eight channels."""
    channels = tuple(PlannedChannel(f"pump1.c{n}", "bar", "pump1") for n in range(CHANNELS))
    return Plan(channels, (PlannedGroup("pump1", tuple(range(CHANNELS)), SECOND),))


def cost(put: Callable[[Input], None], items: list[Input]) -> float:
    """µs for each of some inputs, the best of five parts."""
    size = len(items) // 5
    parts = [items[n * size : (n + 1) * size] for n in range(5)]
    best = float("inf")
    for part in parts:
        begun = time.perf_counter()
        for item in part:
            put(item)
        best = min(best, (time.perf_counter() - begun) / len(part))
    return best * 1e6


async def main() -> None:
    """Print all figures."""
    items = polls(HOURS * 3600)
    only_polls = [item for item in items if isinstance(item, Polled)]
    made = plan()
    heading = Heading.of(made, version="1", boot=clock.boot(), digest="d")
    with tempfile.TemporaryDirectory() as place:
        recorder = Recorder(Path(place) / "cost", 10**9, heading)
        recorder.begin((), 0)
        print(f"record: {cost(recorder.put, only_polls):.2f} us a poll of {CHANNELS} channels")
        await recorder.close()
        facts = Facts("g", "1", "d", made, {}, 60 * SECOND, 30 * SECOND)
        evidence = Evidence(Path(place) / "evidence", 16_000_000, facts)
        print(f"evidence: {cost(evidence.put, only_polls):.2f} us a poll")
        print(f"on the disk, a poll a second and two ticks, written every {LINGER:g} s:")
        stored(Path(place) / "stored", heading, items)


def stored(folder: Path, heading: Heading, items: list[Input]) -> None:
    """Bytes of the disk, and how fast it is read."""
    batch = round(LINGER * 3)
    segments = Segments(folder, 10**9, heading)
    for n in range(0, len(items), batch):
        segments.write(frame_of([form_of(item) for item in items[n : n + batch]]))
    segments.close()
    size = sum(path.stat().st_size for path in folder.iterdir())
    seconds = HOURS * 3600
    print(f"  {size / seconds:.1f} bytes a second, {size / seconds * 86400 / 1e6:.1f} MB a day")
    begun = time.perf_counter()
    count = sum(1 for _ in read(folder))
    print(f"  read: {(time.perf_counter() - begun) / count * 1e6:.2f} us an entry")


if __name__ == "__main__":
    asyncio.run(main())

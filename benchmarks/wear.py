"""Wear: the bytes that an outbox writes to its disk in a day, for summaries that come together once a minute.

    python benchmarks/wear.py [--summaries 10] [--minutes 200]

Each minute is a commit of its summaries and one that deletes those of the minute before, as in life; only the waiting
between them is left out. Written to the folder of temporary files: on a file system in memory the figure is the same.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from gatewayd import clock
from gatewayd.records import ChannelSummary, Output, Summary
from gatewayd.uplink import Outbox
from gatewayd.uplink.outbox import inbox

CHANNELS = tuple(f"channel{n}" for n in range(8))
MINUTES_A_DAY = 1440


def summary(source: int) -> Summary:
    """One with eight channels."""
    channels = tuple(
        ChannelSummary(name=name, count=60, mean=5.123456, min=4.987654, max=5.654321, last=5.111111)
        for name in CHANNELS
    )
    end, boot = clock.now(), clock.boot()
    start = end - 60 * 10**9
    return Summary(boot=boot, source=f"pump{source}", start=start, end=end, channels=channels, alarms=(), polls=60)


async def minute(outbox: Outbox, summaries: int) -> None:
    """What happens in one."""
    before = outbox.status().commits
    outbox.put(Output(tuple(map(summary, range(summaries)))))
    for _ in range(summaries):
        outbox.acked(await outbox.next_row())
    while outbox.status().commits < before + 2:  # noqa: ASYNC110 - nothing tells that acknowledgements are stored
        await asyncio.sleep(0.002)


async def measured(summaries: int, minutes: int) -> tuple[int, int]:
    """Bytes written and commits."""
    inbox.LINGER = inbox.ACK_LINGER = 0.01
    with tempfile.TemporaryDirectory() as folder:
        outbox = Outbox(Path(folder) / "outbox.db", 64_000_000)
        outbox.open()
        outbox.acked(await outbox.next_row())
        await minute(outbox, summaries)
        before, commits = outbox.status().written, outbox.status().commits
        for _ in range(minutes):
            await minute(outbox, summaries)
        after = outbox.status()
        await outbox.close()
    return after.written - before, after.commits - commits


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="bytes that an outbox writes in a day")
    parser.add_argument("--summaries", type=int, default=10, help="that come together each minute")
    parser.add_argument("--minutes", type=int, default=200)
    asked = parser.parse_args()
    written, commits = asyncio.run(measured(asked.summaries, asked.minutes))
    a_minute = written / asked.minutes
    print(f"{asked.summaries} summaries of {len(CHANNELS)} channels a minute: {a_minute / 1e3:.0f} kB a minute in")
    print(f"{commits / asked.minutes:.1f} commits, {a_minute * MINUTES_A_DAY / 1e6:.0f} MB a day")


if __name__ == "__main__":
    main()

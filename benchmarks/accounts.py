"""What the accounts of sources cost: instructions of a poll with and without, counted by callgrind.

`python benchmarks/accounts.py` exits with 1 when it is more than 1 %, with 2 when there is nothing to count with. What
is counted is a poll of ten values that waits once, from the call into the plugin to the input of the engine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from instructions import begin_to_count, total

from gatewayd.plugin import Block, Channel, Poll, Source
from gatewayd.sources.calling import calls
from gatewayd.sources.calling.calls import Calls
from gatewayd.sources.lines.polled import PolledSource, ScheduledPoll
from gatewayd.sources.reading.intake import Intake

POLLS = 500
MOST = 1.01
NAMES = tuple(f"channel{n}" for n in range(10))


class Device(Source):
    """Answers after one wait."""

    values = np.arange(10.0)

    def declare(self) -> list[Channel]:
        """Ten channels."""
        return [Channel(name) for name in NAMES]

    async def poll(self, poll: Poll) -> Block:
        """All of them."""
        await asyncio.sleep(0)
        return Block(poll.channels, self.values)


class WithoutAccounts(calls.Steps[Any]):
    """As steps were before there were accounts."""

    __slots__ = ()

    def __await__(self) -> Any:
        """Like `yield from`, with a look at the clock before and after each step."""
        time = asyncio.get_running_loop().time
        begun = time()
        steps = self._foreign().__await__()
        take, given = steps.send, None
        while True:
            try:
                wish = take(given)
            except StopIteration as end:
                return end.value
            finally:
                self.held = max(self.held, time() - begun)
            try:
                take, given = steps.send, (yield wish)
            except BaseException as error:  # noqa: BLE001 - as in the original
                take, given = steps.throw, error
            begun = time()


def main() -> int:
    """Count, print, give the exit status."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("valgrind is not installed: nothing to count with")
        return 2
    without, with_accounts = counted(valgrind)
    ratio = with_accounts / without
    print(f"a poll takes {without:.0f} instructions without accounts, {with_accounts:.0f} with: {ratio - 1:+.2%}")
    return int(ratio > MOST)


def counted(valgrind: str) -> list[float]:
    """Instructions per poll, without and with accounts; `work` marks with os.getloadavg() where a count ends."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--instr-atstart=no", "--dump-before=getloadavg", f"--callgrind-out-file={folder}/n")
        command = (valgrind, "--tool=callgrind", *options, sys.executable, __file__, "work")
        fixed = os.environ | {"PYTHONHASHSEED": "0"}
        subprocess.run(command, env=fixed, check=True, capture_output=True)
        return [total(Path(folder, f"n.{number}")) / POLLS for number in (2, 4)]


async def work() -> None:
    """Poll without accounts, then with; what comes first is warmed up apart."""
    line = Calls()
    source = PolledSource("pump1", "benchmark", Device(), 1.0, lambda _: None, alone=True)
    source.schedule(Poll(1.0, NAMES), Intake("benchmark", 0, NAMES, {}))
    (poll,) = source.polls
    await polled(source, poll, line)
    begin_to_count()
    original = calls.Steps
    for steps in (WithoutAccounts, original):
        calls.Steps = steps  # type: ignore[misc]
        await polled(source, poll, line)
        os.getloadavg()
        await polled(source, poll, line)
        os.getloadavg()


async def polled(source: PolledSource, poll: ScheduledPoll, line: Calls) -> None:
    """Some polls, one after another."""
    for _ in range(POLLS):
        inputs = await line.call(lambda: poll.read(0), source.limit)
        source.answered(poll, inputs, 0, 0.0)


if __name__ == "__main__":
    if sys.argv[1:] == ["work"]:
        asyncio.run(work())
    else:
        sys.exit(main())

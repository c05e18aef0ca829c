"""500 Modbus TCP devices x 30 values at 1 s through field, engine and outbox: CPU, lost polls, lateness.

The devices are a raw server in a process of its own. Every device has a feature set and a rule; summaries go to the
outbox, nothing is sent. Summaries are made every ten seconds. With
--profile the hottest functions are listed besides. With --read only what a read costs is measured: through the
plugin's bus, pymodbus's client, and asyncio alone; the least of some rounds.

Use: devices.py [--devices 500] [--values 30] [--interval 1.0] [--seconds 20] [--profile | --read]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import math
import pstats
import struct
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from gateway import DEVICE
from pymodbus.client import AsyncModbusTcpClient
from stage import field as devices_at

from gatewayd import clock
from gatewayd.config import load
from gatewayd.daemon import garbage
from gatewayd.engine.engine import Engine
from gatewayd.model import Input, Polled, Tick
from gatewayd.sources import Field
from gatewayd.uplink import Outbox
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.address import TcpAddress
from gatewayd_plugins.modbus.wire.bus import Bus

WARM_UP = 12.0
"""Seconds in which connections are made, and the garbage collector has settled."""
READS = 2000
ROUNDS = 8
SITE = """\
[gateway]
id = "bench"
[mqtt]
url = "mqtt://127.0.0.1:1"
[summary]
every = "10s"
"""


class Stage:
    """A gateway without its uplink, which notes how late each poll is."""

    def __init__(self, config: Path, folder: Path, interval: float) -> None:
        self._config = load(config)
        self._interval = interval * 1e9
        self._engine = Engine(self._config.plan, clock.boot())
        self._outbox = Outbox(folder / "outbox.db", 1 << 28)
        self._field = Field(self._config.sources.values(), self._config.plan, self._feed)
        self._times: dict[int, list[int]] = {}
        self._longest = 0.0

    async def run(self, seconds: float) -> None:
        """Warm up, measure, print."""
        self._outbox.open()
        garbage.cleared()
        running = [asyncio.create_task(each) for each in (self._field.run(), self._tick(), garbage.Settling().run())]
        try:
            await asyncio.sleep(WARM_UP)
            self._times.clear()
            self._longest = 0.0
            before, cpu, begun = self._counts(), time.process_time(), time.monotonic()
            await asyncio.sleep(seconds)
            passed, used = time.monotonic() - begun, time.process_time() - cpu
            polls, failed, missed = (b - a for a, b in zip(before, self._counts(), strict=True))
            print(f"CPU: {used / passed:.1%} of one core, {used / max(polls, 1) * 1e6:.0f} us a poll")
            print(f"polls: {polls} ({polls / passed:.0f}/s), failed {failed}, missed {missed}")
            median, most, worst = np.percentile(self._lateness(), [50, 99, 100])
            print(f"lateness: median {median:.1f} ms, 99 % {most:.1f} ms, worst {worst:.1f} ms")
            print(f"one input held up everything for {1e3 * self._longest:.0f} ms at most")
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            await self._outbox.close()

    def _feed(self, item: Input) -> None:
        if isinstance(item, Polled):
            self._times.setdefault(item.group, []).append(item.time)
        begun = time.perf_counter()
        self._outbox.put(self._engine.feed(item))
        self._longest = max(self._longest, time.perf_counter() - begun)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._feed(Tick(clock.now()))

    def _counts(self) -> tuple[int, int, int]:
        every = self._field.status()
        return sum(each.polls for each in every), sum(each.failed for each in every), sum(each.missed for each in every)

    def _lateness(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """By how many ms each poll ended later, within its interval, than the earliest one of its device."""
        late = []
        for times in self._times.values():
            phases = np.array(times) % self._interval
            late.append((phases - phases[0] + self._interval / 2) % self._interval)
            late[-1] -= late[-1].min()
        return np.concatenate(late) / 1e6


def config(folder: Path, ports: list[int], values: int, interval: float) -> Path:
    """The site's config."""
    channels = "\n".join(f'c{n} = {{ register = "holding:{2 * n}", type = "float32" }}' for n in range(values))
    text = SITE
    for n, port in enumerate(ports):
        text += DEVICE.format(n=n, port=port, interval=round(interval * 1000), channels=channels)
    path = folder / "gatewayd.toml"
    path.write_text(text)
    return path


async def read_costs(port: int, values: int) -> None:
    """What a read costs through the plugin's bus, through pymodbus's client, and with asyncio and struct alone."""
    request = Request(Table.HOLDING, 0, 2 * values)
    bus = Bus(TcpAddress("127.0.0.1", port))
    bus.admit(1.0)
    await bus.open()
    client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0)
    await client.connect()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def bare() -> None:
        writer.write(struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, 2 * values))
        await reader.readexactly(9 + 4 * values)

    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "asyncio and struct": bare,
        "the plugin's bus": lambda: bus.read(1, request, 1.0),
        "pymodbus's client": lambda: client.read_holding_registers(0, count=2 * values, device_id=1),
    }
    least = dict.fromkeys(ways, math.inf)
    for _ in range(ROUNDS):
        for name, read in ways.items():
            cpu = time.process_time()
            for _ in range(READS):
                await read()
            least[name] = min(least[name], (time.process_time() - cpu) / READS)
    for name, seconds in least.items():
        print(f"{name}: {seconds * 1e6:.1f} us CPU a read, {seconds / least['asyncio and struct']:.2f} x")
    await bus.close()
    client.close()
    writer.close()


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--values", type=int, default=30)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--read", action="store_true")
    args = parser.parse_args()
    with devices_at(1 if args.read else args.devices) as ports, tempfile.TemporaryDirectory() as name:
        if args.read:
            asyncio.run(read_costs(ports[0], args.values))
            return
        folder = Path(name)
        stage = Stage(config(folder, ports, args.values, args.interval), folder, args.interval)
        profile = cProfile.Profile()
        if args.profile:
            profile.enable()
        asyncio.run(stage.run(args.seconds))
        if args.profile:
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()

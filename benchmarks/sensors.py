"""Checks of sensors: what they cost, and how often they blame the sensor of a machine that is well, or faulty.

SKAB's recordings (where they are) are a real pump's: healthy for 2.8 h, and with faults that people made. The simulated
pump gets each of its faults. All is checked by default; no sensor is at fault in any of it.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np

from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup, PlannedSensor
from gatewayd.engine.said import Said
from gatewayd.engine.sensors.mounts import Mount
from gatewayd.model import Burst, Floats, Kind
from gatewayd_ext.guarding import Checks
from gatewayd_ext.judging import Guard
from gatewayd_plugins.simulator.faults import Episode, Fault
from gatewayd_plugins.simulator.pump import RATE, Pump

SECOND = 1_000_000_000
SKAB = Path(__file__).parents[2] / "shared" / "data" / "skab"
COLUMNS = 8
ROWS = 20_000
RUNS = 7
PUMPS = 10
MINUTES = 20
BURSTS = 40

HEALTHY = 400
LASTS = 120
INJECTED: Mapping[str, Callable[[int, float, float, float], float]] = {
    "stuck": lambda _n, _value, held, _swing: held,
    "2 values in turn": lambda n, _value, held, swing: held + (n % 2) * swing / 50,
    "noise gone": lambda n, _value, held, swing: held + math.sin(n * n) * swing / 2000,
    "spikes, 3 swings": lambda n, value, _held, swing: value + 3 * swing * (n % 20 == 10),
    "spikes, 10 swings": lambda n, value, _held, swing: value + 10 * swing * (n % 20 == 10),
    "60 % gaps": lambda n, value, _held, _swing: value if n % 5 < 2 else math.nan,
}
"""Faults by their names: the value that is put in, by the row, the right value, the one at the begin, and the swing."""


class Count:
    """Rows that were checked; those with a value that was not believed, and those with a fault."""

    def __init__(self, columns: int) -> None:
        self._guard = Guard(SECOND, (Checks(),) * columns)
        self._good = np.zeros(columns, dtype=np.uint8)
        self._lowered, self._faults = np.empty(columns, dtype=np.uint8), np.empty(columns)
        self.rows = self.values = self.lowered = self.faulty = 0

    def push(self, moment: int, row: Floats) -> None:
        """Check one row."""
        self.rows += 1
        self.values += len(row)
        if self._guard.push(moment, row, self._good, 0):
            self._guard.read(self._lowered, self._faults)
            self.lowered += int((self._lowered > 1).sum())
            self.faulty += bool(self._faults.any())


def cost() -> None:
    """A row of 8 channels, most of it by the kernel."""
    rows = list(np.random.default_rng(1).normal(3.0, 0.01, (ROWS, COLUMNS)))
    good = np.zeros(COLUMNS, dtype=np.uint8)
    best = float("inf")
    for _ in range(RUNS):
        guard = Guard(SECOND, (Checks(),) * COLUMNS)
        begin = time.perf_counter()
        for n, row in enumerate(rows):
            guard.push(n * SECOND, row, good, 0)
        best = min(best, time.perf_counter() - begin)
    print(f"a row of {COLUMNS} channels: {best / ROWS * 1e9:.0f} ns")


def recordings() -> None:
    """SKAB, file by file of the one kind, and in sum."""
    print(f"{'recordings':24}{'rows':>8}{'not believed':>16}{'rows with a fault':>20}")
    for kind in ("anomaly-free", "valve1", "other"):
        counts = [_recording(path) for path in sorted((SKAB / kind).glob("*.csv"))]
        _line(f"SKAB {kind} ({len(counts)})", counts)


def _recording(path: Path) -> Count:
    count = Count(COLUMNS)
    for moment, row in _rows(path):
        count.push(moment, row)
    return count


def _rows(path: Path) -> Iterator[tuple[int, Floats]]:
    with path.open(newline="") as file:
        for cells in list(csv.reader(file, delimiter=";"))[1:]:
            moment = round(datetime.fromisoformat(cells[0]).timestamp()) * SECOND
            yield moment, np.array(cells[1 : 1 + COLUMNS], dtype=np.float64)


def injected() -> None:
    """What is found of faults that are put into the recordings of SKAB's first kind, in each channel in turn."""
    paths = sorted((SKAB / "valve1").glob("*.csv"))
    names = next(csv.reader(paths[0].open(newline=""), delimiter=";"))[1 : 1 + COLUMNS]
    print(f"{'found in so many files':24}" + "".join(f"{fault:>19}" for fault in INJECTED))
    for column, name in enumerate(names):
        found = [sum(_is_found(path, column, fault) for path in paths) for fault in INJECTED]
        print(f"{name:24}" + "".join(f"{f'{n} of {len(paths)}':>19}" for n in found))


def _is_found(path: Path, column: int, fault: str) -> bool:
    """Whether the fault is found, which begins after 400 rows and lasts for 120."""
    guard, good = Guard(SECOND, (Checks(),) * COLUMNS), np.zeros(COLUMNS, dtype=np.uint8)
    rows = [row.copy() for _, row in _rows(path)][: HEALTHY + LASTS]
    swing = float(np.ptp([row[column] for row in rows[:HEALTHY]]))
    held, found = rows[HEALTHY][column], False
    for n, row in enumerate(rows):
        if n >= HEALTHY:
            row[column] = INJECTED[fault](n - HEALTHY, row[column], held, swing)
        found |= guard.push(n * SECOND, row, good, 0) > 0 and guard.fact(column).fault > 0
    return found


def simulated() -> None:
    """Each fault of the simulated pump, at full extent, on and off again."""
    for fault in Fault:
        counts = []
        for seed in range(PUMPS):
            pump = Pump(seed, Episode(fault, begins=400.0, lasts=400.0))
            count = Count(6)
            for n in range(MINUTES * 60):
                count.push(n * SECOND, np.array(list(asdict(pump.readings(float(n))).values())))
            counts.append(count)
        _line(f"simulated {fault} ({PUMPS})", counts)


def _line(name: str, counts: Sequence[Count]) -> None:
    rows, values = sum(count.rows for count in counts), sum(count.values for count in counts)
    lowered, faulty = sum(count.lowered for count in counts), sum(count.faulty for count in counts)
    print(f"{name:24}{rows:>8}{f'{lowered} of {values}':>16}{faulty:>20}")


def mounts() -> None:
    """Bursts of the simulated pump, which is mounted well throughout."""
    plan = Plan(
        (PlannedChannel("p.a", "m/s2", "p", Kind.WAVEFORM), PlannedChannel("p.a.fault", "", "p", derived=True)),
        (PlannedGroup("p", (0,), 10 * SECOND),),
    )
    spent = 0.0
    for fault in Fault:
        found = 0
        for seed in range(PUMPS):
            pump = Pump(seed, Episode(fault, begins=150.0, lasts=200.0))
            mount = Mount(PlannedSensor("s", 0, (1,)), plan, "boot")
            for n in range(BURSTS):
                burst = Burst(0, n * 10 * SECOND, RATE, 9.81 + pump.acceleration(n * 10.0, 1024))
                begin = time.perf_counter()
                _, derived = mount.burst(burst, Said())
                spent += time.perf_counter() - begin
                found += bool(derived.values[0])
        print(f"simulated {fault}: {found} of {PUMPS * BURSTS} bursts with a fault of the mount")
    print(f"a burst of 1024 values: {spent / len(Fault) / PUMPS / BURSTS * 1e6:.0f} us")


if __name__ == "__main__":
    cost()
    if SKAB.exists():
        recordings()
        injected()
    simulated()
    mounts()

"""How long a day of 8 channels at 1 Hz takes to replay, and in how much memory: `python benchmarks/replay.py`.

One model learns from all channels and judges them, one rule judges its score; every row is written.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

ROWS, CHANNELS = 86_400, 8
CONFIG = Path(__file__).parents[1] / "examples" / "skab.toml"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
TIMES = 3


def main() -> None:
    """Write the day, replay it some times, and print the quickest one and the memory that it took."""
    with tempfile.TemporaryDirectory() as folder:
        day, rows = Path(folder) / "day.csv", Path(folder) / "rows.csv"
        write(day)
        command = [sys.executable, "-m", "gatewayd", "replay", str(CONFIG), str(day), "--rows", str(rows)]
        seconds = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - begun)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"a day of {CHANNELS} channels: {min(seconds):.2f} s (at most 5), {memory:.0f} MB")


def write(path: Path) -> None:
    """A day of a pump that is well: noise around levels that drift slowly."""
    rng = np.random.default_rng(1)
    drift = 0.5 * np.sin(np.arange(ROWS)[:, None] / 20_000 + np.arange(CHANNELS))
    values = 5 + drift + rng.standard_normal((ROWS, CHANNELS))
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(["time", *(f"c{n}" for n in range(CHANNELS))]) + "\n")
        for row, cells in enumerate(values.tolist()):
            stamp = f"{BEGIN + timedelta(seconds=row):%Y-%m-%d %H:%M:%S}"
            file.write(",".join([stamp, *(f"{cell:.4f}" for cell in cells)]) + "\n")


if __name__ == "__main__":
    main()

"""How many instructions the 32 features take per value, counted by callgrind: `python benchmarks/instructions.py`.

The count does not depend on how busy the machine is, so it can hold the line in CI: the exit status is 1 when a limit
is exceeded, 2 when there is nothing to count with.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from feature_factory import factory

N = 1024
CALLS = 8
LIMITS: Mapping[str, float] = {"float64": 140.0, "float32": 95.0}

BAND = (1500.0, 3000.0)
FAULTS = (600.0, 870.0, 1010.0, 1180.0)
RATE = 12000.0


def main() -> int:
    """Count, print a line for each precision, give the exit status."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("valgrind is not installed: nothing to count with")
        return 2
    counts = counted(valgrind)
    for name, count in counts.items():
        print(f"{name}: {count:.1f} instructions per value at n = {N}, at most {LIMITS[name]:.0f}")
    return int(any(count > LIMITS[name] for name, count in counts.items()))


def counted(valgrind: str) -> dict[str, float]:
    """Instructions per value within Burst.compute, of each precision.

    `work` marks with os.getloadavg() where a count ends and the next begins.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = (
            "--instr-atstart=no",  # the start-up, mostly NumPy's, then takes half as long
            "--toggle-collect=*Burst*compute*",
            "--dump-before=getloadavg",
            f"--callgrind-out-file={folder}/n",
        )
        command = (valgrind, "--tool=callgrind", *options, sys.executable, __file__, "work")
        alone = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        subprocess.run(command, env=alone, check=True, capture_output=True)
        totals = [total(Path(folder, f"n.{2 * i + 2}")) for i in range(len(LIMITS))]
    return {name: count / CALLS / N for name, count in zip(LIMITS, totals, strict=True)}


def total(dump: Path) -> int:
    """The instructions in one of callgrind's files."""
    found = re.search(r"^(?:totals|summary): (\d+)", dump.read_text(), re.MULTILINE)
    count = int(found[1]) if found else 0
    if not count:
        raise RuntimeError("callgrind counted nothing in Burst.compute: is the kernel compiled, and not stripped?")
    return count


def work() -> None:
    """Compute some windows; the first one of each precision, which makes tables, is counted apart."""
    begin_to_count()
    squares = np.arange(N) ** 2
    window = np.sin(0.7 * squares) + np.sin(1.1 * squares) + 0.3 * np.sin(0.3 * np.arange(N)) + 0.1
    for name in LIMITS:
        values = window.astype(name)
        _, compute, _ = factory(N, RATE, BAND, FAULTS, name)["gatewayd"]
        compute(values)
        os.getloadavg()
        for _ in range(CALLS):
            compute(values)
        os.getloadavg()


def begin_to_count() -> None:
    """Ask callgrind, which listens only while this process is busy."""
    asking = subprocess.Popen(["callgrind_control", "--instr=on", str(os.getpid())], stdout=subprocess.DEVNULL)
    while asking.poll() is None:
        pass
    if asking.returncode:
        raise RuntimeError("callgrind_control could not reach callgrind")


if __name__ == "__main__":
    if sys.argv[1:] == ["work"]:
        work()
    else:
        sys.exit(main())

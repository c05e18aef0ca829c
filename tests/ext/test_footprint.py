"""What the kernels cost a process that has NumPy already."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LARGEST = 1024
GROWTH = """
import numpy
def resident():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * 4
resident()
before = resident()
import gatewayd_ext
print(resident() - before)
"""
USE = """
import sys, numpy as np
from gatewayd_ext import Burst, Term
terms = Term("rms"), Term("median"), Term("band_rms", (10.0, 1000.0)), Term("envelope_rms", (1000.0, 2000.0))
for n in (1000, 1024):
    Burst(n, terms).compute(np.ones((2, n)), 6400.0, np.empty((2, 4)))
print([name for name in sys.modules if name.startswith("scipy")])
"""


def run(program):
    environment = {name: value for name, value in os.environ.items() if name != "GATEWAYD_NO_EXT"}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from Linux's /proc")
def test_importing_the_kernels_adds_at_most_a_megabyte_to_numpy():
    assert min(int(run(GROWTH)) for _ in range(3)) <= LARGEST


def test_the_kernels_do_without_scipy():
    assert run(USE) == "[]"

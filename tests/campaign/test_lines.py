"""200 devices on 20 lines, one on each of them dead or slow, through the whole of the polling in simulated time."""

import subprocess
import sys
from pathlib import Path

import pytest
from effort import effort

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "lines.py"

pytestmark = pytest.mark.campaign


def test_healthy_devices_lose_at_most_a_hundredth_of_their_polls():
    minutes = effort("60", "20")
    done = subprocess.run([sys.executable, str(BENCHMARK), minutes], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

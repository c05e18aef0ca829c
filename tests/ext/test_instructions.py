"""How much work a value is, which does not depend on how busy the machine is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = Path(__file__).parents[2] / "benchmarks" / "instructions.py"


@pytest.mark.campaign
@pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind, which counts the instructions, is not installed"
)
def test_the_kernels_take_no_more_instructions_per_value_than_promised():
    environment = {name: value for name, value in os.environ.items() if name != "GATEWAYD_NO_EXT"}
    environment["PYTHONPATH"] = str(COUNT.parent)
    counted = subprocess.run([sys.executable, COUNT], env=environment, capture_output=True, text=True, check=False)
    assert counted.returncode == 0, counted.stdout + counted.stderr

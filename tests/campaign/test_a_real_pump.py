"""What models reach on a real pump is held to what docs/results.md says of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from effort import BRIEF

ROOT = Path(__file__).parents[2]
SKAB = ROOT.parent / "shared" / "data" / "skab"


@pytest.mark.campaign
@pytest.mark.skipif(not SKAB.exists(), reason=f"there are no recordings in {SKAB}")
def test_the_goals_are_reached():
    brief = ["--brief"] if BRIEF else []
    measured = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "skab.py", *brief],
        env=os.environ | {"PYTHONPATH": str(ROOT / "benchmarks")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert measured.returncode == 0, measured.stdout + measured.stderr

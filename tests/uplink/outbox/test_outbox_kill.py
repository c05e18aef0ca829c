import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from effort import campaign
from told import Told

PARTS = Path(__file__).parents[2] / "parts"
PATIENCE = 30.0


@pytest.mark.parametrize("seed", [0, *campaign(1, 2, 3, 4)])
def test_nothing_that_was_given_is_lost_when_the_process_is_killed(tmp_path, seed):
    path, dice = tmp_path / "outbox.db", random.Random(seed)
    command = [sys.executable, PARTS / "outbox_in_use.py", path, "100000"]
    environment = {**os.environ, "PYTHONPATH": str(PARTS)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment) as child:
        told = Told()
        for _ in range(dice.randrange(1, 600)):
            told.hear(child.stdout.readline())
        child.kill()
        for line in child.stdout.read().splitlines():
            told.hear(line)
    assert told.epoch
    told.check(path)

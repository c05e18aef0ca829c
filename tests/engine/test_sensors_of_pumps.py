"""What pumps do, real and simulated ones, healthy or not, is no fault of their sensors (see benchmarks/sensors.py)."""

import csv
from dataclasses import astuple
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from small_engine import SECOND

from gatewayd_ext.guarding import Checks
from gatewayd_ext.judging import Guard
from gatewayd_plugins.simulator.faults import Episode, Fault
from gatewayd_plugins.simulator.pump import Pump

SKAB = Path(__file__).parents[3] / "shared" / "data" / "skab"
RECORDINGS = sorted(SKAB.glob("*/*.csv"))


def checked(rows):
    """The share of values that were not believed, and whether any sensor was at fault."""
    guard, lowered, values, faulty = None, 0, 0, False
    for time, row in rows:
        guard = guard or Guard(SECOND, (Checks(),) * len(row))
        good, qualities, faults = np.zeros(len(row), np.uint8), np.empty(len(row), np.uint8), np.empty(len(row))
        guard.push(time, row, good, 0)
        guard.read(qualities, faults)
        values, lowered, faulty = values + len(row), lowered + np.count_nonzero(qualities), faulty or faults.any()
    return lowered / values, faulty


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_of_the_simulated_pump_is_none_of_its_sensors(fault):
    pump = Pump(3, Episode(fault, begins=300.0, lasts=300.0))
    rows = ((n * SECOND, np.array(astuple(pump.readings(float(n))))) for n in range(900))
    share, faulty = checked(rows)
    assert not faulty
    assert share < 0.002


@pytest.mark.skipif(not RECORDINGS, reason="the recordings of SKAB are not here")
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_fault_of_a_real_pump_is_none_of_its_sensors(path):
    with path.open(newline="") as file:
        cells = list(csv.reader(file, delimiter=";"))[1:]
    rows = ((round(datetime.fromisoformat(row[0]).timestamp()) * SECOND, np.array(row[1:9], float)) for row in cells)
    share, faulty = checked(rows)
    assert not faulty
    assert share < 0.001

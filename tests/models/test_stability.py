import numpy as np
import pytest
from taught_model import SCATTERS, healthy

from gatewayd.models.stability import stability


def spread(rows):
    return stability(rows, np.arange(len(rows)) == 0).spread


@pytest.mark.parametrize("seed", range(5))
def test_healthy_running_is_one_normal(seed):
    assert spread(healthy(400, seed)) < 0.6


def test_warming_up_is_no_second_normal():
    rows = healthy(400)
    rows[:, 0] += np.linspace(0, 6, 400) * SCATTERS[0]
    assert spread(rows) < 1.0


@pytest.mark.parametrize("begin", [80, 120, 200, 300, 340])
def test_a_fault_makes_two(begin):
    rows = healthy(400)
    rows[begin:] += 15 * SCATTERS
    assert spread(rows) > 1.0


def test_it_tells_what_moved():
    rows = healthy(400)
    rows[250:, 1] += 20 * SCATTERS[1]
    worst = stability(rows, np.arange(400) == 0).worst
    assert (worst.column, worst.part) == (1, "level")
    assert worst.value - worst.normal == pytest.approx(20 * SCATTERS[1], rel=0.5)


def test_of_few_rows_nothing_is_told():
    assert spread(healthy(30)) == 0.0

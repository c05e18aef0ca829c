"""Values on their way into traces: what is not usable leaves a gap, and times only rise."""

import numpy as np

from gatewayd.model import Quality
from gatewayd.replay.drawn import ROWS, Drawn


def test_only_good_and_uncertain_values_are_drawn():
    drawn = Drawn(4)
    qualities = np.array([Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.ABSENT], dtype=np.uint8)
    drawn.add(0, np.arange(4.0), qualities)
    drawn.draw()
    assert [drawn.traces.channel(column)[1].tolist() for column in range(4)] == [[0.0], [1.0], [], []]


def test_a_row_that_is_earlier_than_the_last_one_is_left_out():
    drawn, good = Drawn(1), np.zeros(1, dtype=np.uint8)
    for time, value in ((2, 1.0), (1, 9.0), (2, 3.0)):
        drawn.add(time * 1_000_000_000, np.array([value]), good)
    drawn.draw()
    _, low, high = drawn.traces.channel(0)
    assert (low.tolist(), high.tolist()) == ([1.0], [3.0])


def test_what_is_gathered_is_bounded():
    drawn, good = Drawn(1), np.zeros(1, dtype=np.uint8)
    for n in range(ROWS):
        drawn.add(n * 1_000_000_000, np.array([1.0]), good)
    assert len(drawn.traces.channel(0)[0])

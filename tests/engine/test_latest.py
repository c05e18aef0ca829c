"""The latest values of channels, over a stop."""

import numpy as np
import pytest

from gatewayd.engine.latest import Latest
from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup
from gatewayd.records import Saved

SECOND = 1_000_000_000


def plan(*names):
    channels = tuple(PlannedChannel(f"pump1.{name}", "bar", "pump1") for name in names)
    return Plan(channels, (PlannedGroup("pump1", tuple(range(len(names))), SECOND),))


def known():
    latest = Latest(plan("pressure", "flow"))
    latest.take((0,), 5 * SECOND, np.array([1.5]), np.array([1], dtype=np.uint8))
    return latest.state((0, 1), "boot")


def test_values_are_known_again_by_their_names():
    after = Latest(plan("level", "pressure"))
    after.restore(known(), "boot")
    row = after.row((1,), 6 * SECOND)
    assert (row.values.tolist(), row.qualities.tolist()) == ([1.5], [1])
    assert after.why((0,), 6 * SECOND) == "pump1.level has had no value yet"


def test_they_grow_old_all_the_same():
    after = Latest(plan("pressure"))
    after.restore(known(), "boot")
    assert after.why((0,), 16 * SECOND) == "pump1.pressure has had no value for 11 s"


@pytest.mark.parametrize("saved", [None, Saved("latest", "", "another", b"\x80")])
def test_of_another_boot_nothing_is_known(saved):
    after = Latest(plan("pressure"))
    after.restore(saved, "boot")
    after.restore(known(), "another boot")
    assert "no value yet" in after.why((0,), 6 * SECOND)


def test_what_cannot_be_read_is_passed_over():
    after = Latest(plan("pressure"))
    after.restore(Saved("latest", "", known().definition, b"\xc1"), "boot")
    assert "no value yet" in after.why((0,), 6 * SECOND)

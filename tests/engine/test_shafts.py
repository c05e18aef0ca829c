import math

import numpy as np
import pytest
from small_engine import SmallEngine, ns, small_plan

from gatewayd.engine.derived import Derived
from gatewayd.engine.measuring import shafts
from gatewayd.engine.measuring.shafts import Shafts, why_unknown
from gatewayd.engine.plan import PlannedShaft
from gatewayd.model import Polled, Quality

GOOD, UNCERTAIN, BAD, ABSENT = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.ABSENT
WINDOW = np.zeros(8)


def speeds(shaft="flow", boot="boot-1", **plan):
    """The shafts of a plan, and how to ask for the speed of its only one."""
    planned = small_plan(bursts=["shaft_speed"], shaft=shaft, **plan)
    found = Shafts(planned, boot)
    return found, lambda at: found.speed(planned.bursts[0].shaft, ns(at), WINDOW, 1000.0)


def poll(at, value, quality=GOOD):
    """A poll in which `flow` is in revolutions per minute."""
    return Polled(0, ns(at), np.array([9.9, value, 9.9]), np.array([0, quality, 0], dtype=np.uint8))


def test_a_constant_is_known_always():
    _, speed = speeds(24.7)
    assert speed(0) == speed(1e6) == 24.7


def test_the_speed_is_the_last_value_of_a_channel_times_its_factor():
    found, speed = speeds()
    assert math.isnan(speed(0))
    found.polled(poll(1, 1500.0))
    assert speed(1) == 25.0
    found.polled(poll(2, 3000.0, UNCERTAIN))
    found.polled(poll(3, 1.0, ABSENT))
    assert speed(3) == 50.0


@pytest.mark.parametrize("bad", [(1500.0, BAD), (math.nan, GOOD), (math.inf, GOOD)])
def test_a_bad_value_makes_it_unknown(bad):
    found, speed = speeds()
    found.polled(poll(1, 1500.0))
    found.polled(poll(2, *bad))
    assert math.isnan(speed(2))
    found.polled(poll(3, 1500.0))
    assert speed(3) == 25.0


@pytest.mark.parametrize(("interval", "valid"), [(0.1, 10), (1, 10), (60, 600)])
def test_a_value_is_good_for_ten_intervals_and_ten_seconds_at_least(interval, valid):
    found, speed = speeds(interval=interval)
    found.polled(poll(1000, 1500.0))
    assert speed(1000 + valid) == speed(1000 - valid) == 25.0
    assert math.isnan(speed(1000.1 + valid))
    assert math.isnan(speed(999.9 - valid))


def test_a_value_counts_from_a_long_windows_beginning_to_its_end():
    planned = small_plan(bursts=["shaft_speed"], shaft="flow")
    found = Shafts(planned, "boot-1")
    found.polled(poll(1000, 1500.0))
    speed = lambda at: found.speed(planned.bursts[0].shaft, ns(at), np.zeros(300), 10.0)  # noqa: E731
    assert speed(960) == speed(980) == speed(1000) == speed(1010) == 25.0
    assert math.isnan(speed(959.9))
    assert math.isnan(speed(1010.1))


def test_a_shaft_that_turns_backwards_has_a_speed_too():
    found, speed = speeds()
    found.polled(poll(1, -1500.0))
    assert speed(1) == 25.0


@pytest.mark.parametrize(
    ("speed", "reason"), [(25.0, ""), (0.0, "the shaft stands still"), (math.nan, "shaft speed unknown")]
)
def test_why_a_speed_is_of_no_use(speed, reason):
    assert why_unknown(speed) == reason


def test_a_derived_channel_may_give_the_speed():
    plan = small_plan(window=3, features=("mean",), bursts=["shaft_speed"], shaft=PlannedShaft(channel=3))
    found = Shafts(plan, "boot-1")
    found.derived(Derived(plan.windows[0].outputs[0], ns(5), np.array([24.0]), np.zeros(1, dtype=np.uint8)))
    assert found.speed(plan.bursts[0].shaft, ns(6), WINDOW, 1000.0) == 24.0


def test_a_speed_is_looked_for_in_the_window(monkeypatch):
    monkeypatch.setattr(shafts, "estimate", lambda *given: given)
    found, _ = speeds((20.0, 30.0))
    shaft = PlannedShaft(low=20.0, high=30.0)
    assert found.speed(shaft, 0, WINDOW, 1000.0) == (WINDOW, 1000.0, 20.0, 30.0)
    assert math.isnan(found.speed(shaft, 0, WINDOW, math.nan))


def test_no_shaft_has_no_speed():
    found, _ = speeds()
    assert math.isnan(found.speed(None, 0, WINDOW, 1000.0))


def test_a_speed_outlives_a_stop_in_the_same_boot():
    found, _ = speeds()
    found.polled(poll(1, 1500.0))
    saved = found.state()
    for boot, expected in (("boot-1", 25.0), ("boot-2", math.nan)):
        again, speed = speeds(boot=boot)
        again.restore(saved)
        assert speed(2) == pytest.approx(expected, nan_ok=True)
    (item,) = saved
    again, speed = speeds()
    again.restore([type(item)(item.stage, item.name, item.definition, item.data[:-1])])
    assert math.isnan(speed(2))


def test_the_state_is_used_once():
    before = SmallEngine(bursts=["shaft_speed"], shaft="flow")
    before.poll(1, flow=1500.0)
    before.stop(2)
    after = SmallEngine(bursts=["shaft_speed"], shaft="flow", saved=before.saved, restored_at=3, summary=10)
    after.burst(4, [0.0] * 8)
    assert after.saved["shafts", "pump1.flow"].data == b""
    after.tick(10)
    assert [(each.name, each.mean) for each in after.summaries[0].channels] == [
        ("acceleration", None),
        ("acceleration.shaft_speed", 25.0),
    ]

import math

import numpy as np
import pytest
from small_engine import SECOND, SmallEngine, cut, ns, rule

from gatewayd.model import Quality
from gatewayd.records import NOTHING

GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD


def waves(*rules, **plan):
    engine = SmallEngine(*rules, sludge="acceleration", summary=100, **plan)
    engine.tick(0)
    return engine


def sludge(engine, at=100):
    """(count, bad, mean, reason) of the calculation in the summary."""
    engine.tick(at)
    (found,) = [each for each in engine.summaries[-1].channels if each.name.endswith(".sludge")]
    return found.count, found.bad, found.mean, found.reason


def test_each_window_of_a_waveform_is_asked_for():
    engine = waves(cut=cut(samples=4, every=0.004), shaft=25.0)
    output = engine.burst(1, range(8))
    assert output.records == ()
    assert not output.urgent
    first, second = output.requests
    assert (first.calculation, first.time, first.rate, first.shaft) == (0, ns(1), 1000.0, 25.0)
    assert (first.values.tolist(), first.seconds, first.quality) == ([0, 1, 2, 3], None, GOOD)
    assert (second.time, second.values.tolist()) == (ns(1.004), [4, 5, 6, 7])


@pytest.mark.parametrize("flaw", [{"clipped": True}, {"quality": UNCERTAIN}])
def test_of_an_uncertain_burst_nothing_better_is_expected(flaw):
    engine = waves()
    engine.burst(1, range(8), **flaw)
    assert [request.quality for request in engine.requests] == [UNCERTAIN]


@pytest.mark.parametrize(
    ("values", "flaws", "reason"),
    [
        ([1.0, 2.0], {"gap": True}, "the burst has gaps"),
        ([1.0, 2.0], {"quality": BAD, "reason": "overrun"}, "overrun"),
        ([1.0, math.nan], {}, "the burst holds values that are not finite numbers"),
        ([], {}, "the burst is empty"),
    ],
)
def test_windows_that_are_unfit_are_bad_at_once(values, flaws, reason):
    engine = waves()
    engine.burst(1, values, **flaws)
    assert engine.requests == []
    assert sludge(engine) == (0, 1, None, reason)


def test_a_shaft_whose_speed_is_not_known_is_told_to_the_function():
    engine = waves(shaft="flow")
    engine.burst(1, range(8))
    engine.poll(2, flow=0.0)
    engine.burst(3, range(8))
    engine.poll(4, flow=1500.0)
    engine.burst(5, range(8))
    assert [request.shaft for request in engine.requests] == [pytest.approx(math.nan, nan_ok=True), 0.0, 25.0]


def test_the_result_is_a_value_of_a_channel():
    engine = waves(rule("above", channel="acceleration.sludge", high=2.0))
    engine.burst(1, range(8))
    assert engine.computed(1, 1.5) is NOTHING
    output = engine.computed(2, 2.5)
    assert output.urgent
    assert engine.alarms[0].reason == "pump1.acceleration.sludge: 2.5, above 2"
    assert engine.alarms[0].time == 2 * SECOND
    assert sludge(engine) == (2, 0, 2.0, "")


def test_a_result_is_as_good_as_the_calculator_says():
    engine = waves(rule("above", channel="acceleration.sludge", high=2.0))
    engine.computed(1, 9.0, quality=BAD, reason="it raised ValueError")
    engine.computed(2, math.nan, reason="it gave NaN")
    engine.computed(3, math.inf)
    assert engine.alarms == []
    assert sludge(engine) == (0, 3, None, "too few values, or none that it can be computed from")
    engine.computed(101, 1.0, quality=UNCERTAIN)
    assert sludge(engine, 200) == (1, 0, 1.0, "")


def test_a_result_that_comes_late_is_counted_when_it_comes_and_one_that_never_comes_is_not_missed():
    engine = waves(rule("above", channel="acceleration.sludge", high=2.0))
    for at in range(5):
        engine.burst(at, range(8))
    engine.tick(100)
    assert [each.name for each in engine.summaries[0].channels] == ["acceleration"]
    engine.computed(3, 9.0)
    assert engine.story() == [("raised", 3)]
    assert sludge(engine, 200) == (1, 0, 9.0, "")


def test_the_on_delay_of_a_result_counts_its_windows_as_seen():
    engine = waves(rule("above", channel="acceleration.sludge", high=2.0, on_delay=20), interval=10)
    for at in range(0, 50, 10):
        engine.computed(at, 9.0)
    assert engine.story() == [("raised", 20)]


def scalars(**plan):
    return SmallEngine(sludge="pressure", summary=1000, **({"window": 4, "hop": 2, "interval": 1} | plan))


def test_each_hop_of_a_window_is_asked_for():
    engine = scalars(shaft="flow")
    engine.polls([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], start=10, flow=600.0)
    first, second = engine.requests
    assert (first.calculation, first.time, first.values.tolist()) == (0, ns(13), [1, 2, 4, 8])
    assert first.seconds.tolist() == [0, 1, 2, 3]
    assert (math.isnan(first.rate), first.shaft, first.quality) == (True, 10.0, GOOD)
    assert (second.time, second.values.tolist()) == (ns(15), [4, 8, 16, 32])


def test_a_window_may_serve_a_calculation_alone():
    engine = scalars(features=())
    engine.polls([1.0, 2.0, 4.0, 8.0])
    assert len(engine.requests) == 1


def test_a_window_that_is_not_full_is_asked_for_with_its_quality_or_not_at_all():
    engine = scalars(window=20, hop=0)
    engine.polls([1.0] * 20 + [None] * 20)
    assert [request.quality for request in engine.requests] == [GOOD] * 11 + [UNCERTAIN] * 8
    assert sludge(engine, 1000) == (0, 2, None, "too few values in the window")


def test_no_speed_is_estimated_from_single_values():
    engine = scalars(shaft=(20.0, 30.0))
    engine.polls([1.0] * 4)
    assert math.isnan(engine.requests[0].shaft)


def test_what_is_asked_for_is_not_changed_by_what_comes_later():
    engine = waves(cut=cut(samples=4, every=0.004))
    for n in range(4):
        engine.burst(n * 0.003, [n, n, n])
    engine.polls([1.0] * 3)
    assert [request.values.tolist() for request in engine.requests] == [[0, 0, 0, 1], [1, 1, 2, 2], [2, 3, 3, 3]]
    assert all(np.isfinite(request.values).all() for request in engine.requests)

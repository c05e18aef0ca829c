from dataclasses import replace

import numpy as np
import pytest
from small_engine import ns, small_plan

from gatewayd.engine.measuring.windows import SlidingWindow, Windows
from gatewayd.model import Polled, Quality
from gatewayd_ext import Sliding, Window

GOOD, UNCERTAIN, BAD, ABSENT = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.ABSENT


def sliding(boot="boot-1", **plan):
    planned = small_plan(names=("vibration",), **plan)
    return SlidingWindow(planned.windows[0], planned, boot)


def poll(at, value, quality=GOOD):
    return Polled(0, ns(at), np.array([value], dtype=np.float64), np.array([quality], dtype=np.uint8))


def pushed(window, polls):
    """(seconds, values, qualities) of what a window gives."""
    given = [window.features(each.time) for each in polls if window.push(each)]
    return [(d.time / 1e9, d.values.tolist(), d.qualities.tolist()) for d in given]


def times(window, seconds, value=1.0):
    return [time for time, _, _ in pushed(window, [poll(at, value) for at in seconds])]


def test_the_first_features_come_when_the_window_has_had_time_to_fill():
    assert times(sliding(window=5, hop=0), range(8)) == [4, 5, 6, 7]


def test_features_come_once_a_hop():
    assert times(sliding(window=5, hop=3), range(14)) == [4, 7, 10, 13]


def test_hops_do_not_drift_nor_fall_out_when_polls_jitter():
    jitter = np.random.default_rng(7).uniform(-0.4, 0.4, 60)
    jitter[0] = 0.0
    seconds = [n + float(off) for n, off in enumerate(jitter)]
    assert [round(time) for time in times(sliding(window=5, hop=1), seconds)] == list(range(4, 60))
    assert [round(time) for time in times(sliding(window=5, hop=5), seconds)] == list(range(4, 60, 5))


def test_hops_that_a_gap_swallowed_are_not_made_up_for():
    assert times(sliding(window=5, hop=2), [0, 1, 2, 3, 4, 31, 32, 33]) == [4, 31, 32]


def test_features_are_those_of_the_values_within_the_span():
    window = sliding(window=3, hop=0, features=["mean", "min", "max"])
    assert pushed(window, [poll(n, n) for n in range(5)]) == [
        (2, [1.0, 0.0, 2.0], [GOOD] * 3),
        (3, [2.0, 1.0, 3.0], [GOOD] * 3),
        (4, [3.0, 2.0, 4.0], [GOOD] * 3),
    ]


def test_a_window_that_is_less_than_half_full_is_uncertain_and_nearly_empty_it_is_bad():
    window = sliding(window=20, hop=0, features=["mean"])
    given = pushed(window, [poll(n, 1.0, GOOD if n < 20 else BAD) for n in range(41)])
    # At 19 s there are 20 values of 20, at 29 s 10, at 37 s 2, at 39 s none.
    by_time = {time: qualities for time, _, (qualities) in given}
    assert [by_time[at] for at in (19, 29, 30, 37, 38, 39)] == [[GOOD], [GOOD], [UNCERTAIN], [UNCERTAIN], [BAD], [BAD]]


@pytest.mark.parametrize(("each_second", "quality"), [(1, GOOD), (2, UNCERTAIN), (10, UNCERTAIN)])
def test_a_window_by_time_with_more_values_than_it_has_room_for_is_uncertain(each_second, quality):
    window = sliding(window=10, hop=0, features=["mean"])
    given = pushed(window, [poll(n / each_second, 1.0) for n in range(40 * each_second)])
    assert {qualities for _, _, (qualities,) in given[-20:]} == {quality}


def test_a_window_of_a_number_of_values_is_good_when_it_is_full():
    plan = small_plan(names=("vibration",), window=0, features=["mean"])
    planned = replace(plan.windows[0], span=0, samples=4)
    given = pushed(SlidingWindow(planned, plan, "boot-1"), [poll(n / 10, 1.0) for n in range(200)])
    assert {qualities for _, _, (qualities,) in given[4:]} == {GOOD}


def test_a_feature_that_cannot_be_computed_is_bad_and_its_neighbours_are_not():
    window = sliding(window=3, hop=0, features=["mean", "kurtosis"])
    ((_, values, qualities),) = pushed(window, [poll(n, 4.0) for n in range(3)])
    assert values[0] == 4.0
    assert np.isnan(values[1])
    assert qualities == [GOOD, BAD]


@pytest.mark.parametrize("bad", [(5.0, BAD), (np.nan, GOOD), (np.inf, GOOD), (5.0, ABSENT)])
def test_bad_and_absent_values_do_not_enter(bad):
    window = sliding(window=4, hop=0, features=["max"])
    ((_, values, _),) = pushed(window, [poll(0, 1.0), poll(1, 2.0), poll(2, *bad), poll(3, 1.0)])
    assert values == [2.0]


def test_a_window_goes_on_after_a_restart_as_if_nothing_had_been():
    polls = [poll(n, np.sin(n)) for n in range(40)]
    whole = pushed(sliding(window=5, hop=3), polls)
    first = sliding(window=5, hop=3)
    second = sliding(window=5, hop=3)
    before = pushed(first, polls[:17])
    second.restore(first.state())
    assert before + pushed(second, polls[17:]) == whole


@pytest.mark.parametrize(
    "other", [{"window": 6}, {"hop": 2}, {"features": ["max"]}, {"boot": "boot-2"}, {"interval": 2}]
)
def test_a_window_that_is_defined_otherwise_begins_anew(other):
    first = sliding(window=5)
    pushed(first, [poll(n, 100.0) for n in range(5)])
    second = sliding(**({"window": 5} | other))
    assert second.definition != first.definition
    second.restore(first.state())
    assert pushed(second, [poll(6, 1.0)]) == []


def test_a_damaged_state_is_passed_over():
    first = sliding(window=5)
    pushed(first, [poll(n, 100.0) for n in range(5)])
    state = first.state()
    second = sliding(window=5)
    for data in (b"", state.data[:5], state.data[:-1], state.data[:20] + b"x" + state.data[21:]):
        second.restore(type(state)(state.stage, state.name, state.definition, data))
    assert times(second, range(8)) == [4, 5, 6, 7]


def test_each_window_is_fed_by_its_group_and_saved_under_its_name():
    windows = Windows(small_plan(names=("vibration", "flow"), window=2), "boot-1")
    (saved,) = windows.state()
    assert (saved.stage, saved.name) == ("windows", "pump1.vibration.rms")
    values = np.array([3.0, 100.0])
    quality = np.zeros(2, dtype=np.uint8)
    windows.push(Polled(0, 0, values, quality))
    ((number, window),) = windows.push(Polled(0, ns(1), values, quality))
    assert number == 0
    assert window.features(ns(1)).values.tolist() == [3.0]


def test_a_window_of_a_number_of_values_lets_bad_ones_push_old_ones_out():
    plan = small_plan(names=("vibration",), window=0, features=["mean"])
    planned = replace(plan.windows[0], span=0, samples=4)
    window = SlidingWindow(planned, plan, "boot-1")
    polls = [poll(n, 1.0) for n in range(4)] + [poll(n, 9.0, BAD) for n in range(4, 8)]
    assert [qualities for _, _, qualities in pushed(window, polls)] == [[GOOD], [GOOD], [GOOD], [UNCERTAIN], [BAD]]


SLIDING = ("mean", "std", "min", "max", "rms", "peak", "peak_to_peak", "crest_factor")


def test_features_that_are_kept_up_to_date_are_those_that_would_be_computed_anew():
    plan = small_plan(names=("vibration",), window=20, hop=1, features=SLIDING)
    kept = SlidingWindow(plan.windows[0], plan, "boot-1")
    anew = SlidingWindow(plan.windows[0], plan, "boot-1", asked=True)
    assert type(kept._kernel) is Sliding
    assert type(anew._kernel) is Window
    random = np.random.default_rng(4)
    polls = [poll(n + random.uniform(-0.3, 0.3), random.normal(), random.choice([0, 1, 2, 255])) for n in range(100)]
    for (time, values, qualities), (time_anew, values_anew, qualities_anew) in zip(
        pushed(kept, polls), pushed(anew, polls), strict=True
    ):
        assert (time, qualities) == (time_anew, qualities_anew)
        np.testing.assert_allclose(values, values_anew, rtol=1e-12)


@pytest.mark.parametrize(("hop", "features"), [(3, SLIDING), (1, ("mean", "kurtosis")), (0, ())])
def test_windows_with_few_hops_or_other_features_are_computed_anew(hop, features):
    assert type(sliding(window=20, hop=hop, features=features)._kernel) is Window


def test_a_window_gives_its_contents_with_the_quality_that_they_deserve():
    plan = small_plan(names=("vibration",), window=20, hop=0)
    window = SlidingWindow(plan.windows[0], plan, "boot-1", asked=True)
    for n in range(29):
        window.push(poll(n + 100, float(n), GOOD if n < 20 else BAD))
    contents = window.contents(ns(128), 0)
    assert contents.values.tolist() == list(range(9, 20))
    assert contents.seconds.tolist() == list(range(11))
    assert [window.contents(ns(at), 0).quality for at in (129, 130, 137, 138)] == [GOOD, UNCERTAIN, UNCERTAIN, BAD]


def test_a_window_without_features_is_saved_under_a_name_of_its_own():
    plan = small_plan(window=20, features=(), sludge="pressure")
    (saved,) = Windows(plan, "boot-1").state()
    assert saved.name == "pressure: pump1.pressure"

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_engine import SECOND, cut, ns, small_plan

from gatewayd.engine.measuring.cuts import MOST_VALUES, Cuts, Cutter
from gatewayd.engine.plan import WHOLE, PlannedCut
from gatewayd.model import Burst, Quality

RATE = 1000.0
GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD


def burst(values, at=0.0, rate=RATE, **flaws):
    return Burst(7, ns(at), rate, np.asarray(values, dtype=flaws.pop("dtype", np.float64)), **flaws)


def cutter(interval=1, **how):
    return Cutter(7, cut(**how) if how else WHOLE, ns(interval))


def windows(cuts):
    """(seconds, values) of each window."""
    return [(at / SECOND, row.tolist()) for each in cuts for at, row in zip(each.times, each.values, strict=True)]


def test_without_a_cut_a_burst_is_one_window_and_is_not_copied():
    whole = burst([1.0, 2.0, 3.0], at=5)
    (found,) = cutter().push(whole)
    assert windows([found]) == [(5, [1.0, 2.0, 3.0])]
    assert (found.channel, found.how, found.rate, found.quality) == (7, WHOLE, RATE, GOOD)
    assert np.shares_memory(found.values, whole.values)


def test_whole_bursts_are_not_joined():
    whole = cutter()
    assert windows(whole.push(burst([1, 2]))) == [(0, [1, 2])]
    assert windows(whole.push(burst([3, 4, 5], at=0.002))) == [(0.002, [3, 4, 5])]


def test_a_burst_is_cut_into_windows_that_overlap_by_half():
    found = cutter(span=0.004).push(burst(range(11), at=1))
    assert windows(found) == [(1 + n / RATE, list(range(n, n + 4))) for n in (0, 2, 4, 6)]
    assert len(found) == 1
    assert found[0].values.flags.c_contiguous


@pytest.mark.parametrize(("every", "starts"), [(0.001, [0, 1, 2]), (0.004, [0]), (0.003, [0]), (0.002, [0, 2])])
def test_windows_are_as_far_apart_as_is_planned(every, starts):
    found = cutter(samples=4, every=every).push(burst(range(6)))
    assert [row[0] for _, row in windows(found)] == starts


def test_windows_share_a_value_sixteen_times_at_most():
    (found,) = cutter(samples=64, every=0.001).push(burst(range(128)))
    assert found.values[:, 0].tolist() == list(range(0, 65, 4))


def test_the_number_of_values_of_a_window_follows_from_its_time_and_the_rate():
    how = {"span": 0.01}
    assert cutter(**how).push(burst(range(50), rate=1000.0))[0].values.shape == (9, 10)
    assert cutter(**how).push(burst(range(50), rate=2560.0))[0].values.shape[1] == 26


def test_bursts_that_follow_each_other_are_one_signal():
    joined = cutter(samples=4, every=0.003)
    assert joined.push(burst([0, 1, 2])) == []
    assert windows(joined.push(burst([3, 4], at=0.003))) == [(0.0, [0, 1, 2, 3])]
    assert windows(joined.push(burst([5, 6, 7, 8, 9], at=0.005))) == [
        (pytest.approx(0.003), [3, 4, 5, 6]),
        (pytest.approx(0.006), [6, 7, 8, 9]),
    ]


def test_a_window_that_begins_in_a_later_burst_is_waited_for():
    joined = cutter(samples=2, every=0.005)
    assert windows(joined.push(burst([0, 1, 2]))) == [(0.0, [0, 1])]
    assert joined.push(burst([3, 4, 5], at=0.003)) == []
    assert windows(joined.push(burst([6], at=0.006))) == [(0.005, [5, 6])]


@pytest.mark.parametrize(("off", "joins"), [(0.0005, True), (-0.0005, True), (0.00051, False), (-0.00051, False)])
def test_half_a_sample_of_tolerance(off, joins):
    one = cutter(samples=4)
    one.push(burst([0, 1]))
    (found,) = one.push(burst([2, 3], at=0.002 + off))
    assert (found.quality == GOOD) == joins


def test_bursts_that_drift_slowly_are_still_one_signal():
    one = cutter(samples=100, every=0.1)
    found = [row for n in range(100) for row in one.push(burst(range(10 * n, 10 * n + 10), at=n * 0.01004))]
    assert [each.values[0, 0] for each in found] == list(range(0, 1000, 100))
    # The clock of the last burst counts.
    assert found[-1].times[0] == pytest.approx(ns(99 * 0.01004 - 0.09), abs=1)


@pytest.mark.parametrize(
    "other",
    [{"rate": 1000.001}, {"clipped": True}, {"gap": True}, {"quality": UNCERTAIN}, {"dtype": np.float32}],
)
def test_a_burst_of_another_kind_begins_a_new_signal(other):
    one = cutter(samples=3)
    one.push(burst([0, 1]))
    short, *_ = one.push(burst([2, 3, 4], at=0.002, **other))
    assert short.quality == BAD


def test_a_signal_that_was_too_short_is_told_when_the_next_one_begins():
    one = cutter(span=0.01)
    assert one.push(burst([0, 1], at=1)) == []
    short, whole = one.push(burst(range(10), at=2))
    assert (short.times, short.quality, len(short.values)) == ((ns(1),), BAD, 0)
    assert short.reason == "the burst is shorter than the window of 0.01 s"
    assert windows([whole]) == [(2, list(range(10)))]


def test_a_signal_that_gave_a_window_is_not_too_short():
    one = cutter(samples=2)
    one.push(burst([0, 1, 2]))
    assert windows(one.push(burst([5, 6], at=1))) == [(1, [5, 6])]


@pytest.mark.parametrize(("interval", "patience"), [(1, 10), (60, 120)])
def test_a_signal_that_was_too_short_is_told_when_nothing_comes_any_more(interval, patience):
    one = cutter(samples=4096, interval=interval)
    assert one.push(burst([0, 1], at=1)) == []
    assert one.due(ns(1000)) == []
    assert one.due(ns(999.9 + patience)) == []
    (short,) = one.due(ns(1000 + patience))
    assert (short.times, short.reason) == ((ns(1),), "the burst is shorter than the window of 4096 values")
    assert one.due(ns(2000)) == []


def test_a_signal_that_gave_a_window_may_be_continued_however_late():
    one = cutter(samples=4)
    one.push(burst([0, 1, 2, 3]))
    assert [one.due(ns(at)) for at in (1, 1000)] == [[], []]
    assert windows(one.push(burst([4, 5], at=0.004))) == [(0.002, [2, 3, 4, 5])]


def test_a_bad_burst_is_one_bad_window_and_joins_nothing():
    one = cutter(samples=4)
    one.push(burst([0, 1, 2, 3]))
    (bad,) = one.push(burst([4, 5], at=0.004, quality=BAD, reason="overrun"))
    assert (bad.times, bad.quality, bad.reason) == ((ns(0.004),), BAD, "overrun")
    assert one.push(burst([6, 7, 8], at=0.006)) == []


def test_a_clipped_burst_is_uncertain():
    (found,) = cutter().push(burst([1, 2], clipped=True))
    assert (found.quality, found.clipped, found.gap) == (UNCERTAIN, True, False)


def test_an_empty_burst_is_bad():
    (found,) = cutter().push(burst([]))
    assert (found.quality, found.reason) == (BAD, "the burst is empty")


def test_a_window_that_would_hold_too_many_values_is_bad():
    (found,) = cutter(span=1).push(burst([1.0], rate=2e6))
    assert (found.quality, found.reason) == (BAD, f"a window of 2000000 values is longer than {MOST_VALUES}")


def test_what_is_not_needed_any_more_is_not_kept():
    one = cutter(samples=100)
    for n in range(50):
        one.push(burst(np.zeros(1000), at=float(n)))
        assert sum(map(len, one._signal.parts)) < 100
        assert all(part.base is None for part in one._signal.parts)


def test_what_lies_between_two_windows_is_not_kept():
    one = cutter(samples=100, every=3600)
    times = []
    for n in range(3700):
        times += [at for at, _ in windows(one.push(burst(np.zeros(1000), at=float(n))))]
        assert sum(map(len, one._signal.parts)) <= 1000
    assert times == [0, 3600]


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12),
    samples=st.integers(1, 50),
    hop=st.integers(1, 80),
    rate=st.sampled_from([1000.0, 6400.0, 25600.0 / 3]),
)
def test_however_a_signal_comes_in_bursts_its_windows_are_the_same(sizes, samples, hop, rate):
    total = sum(sizes)
    how = PlannedCut(samples=samples, every=round(hop / rate * SECOND))
    make = partial(Cutter, 7, how, SECOND)
    whole = windows(make().push(burst(range(total), rate=rate)))
    one, parts, begin = make(), [], 0
    for size in sizes:
        parts += one.push(burst(range(begin, begin + size), at=begin / rate, rate=rate))
        begin += size
    assert [row for _, row in windows(parts)] == [row for _, row in whole]
    assert [at for at, _ in windows(parts)] == pytest.approx([at for at, _ in whole], abs=1e-8)


def test_a_channel_is_cut_once_however_many_need_it():
    plan = small_plan(bursts=["rms"], bearing=True, sludge="acceleration", cut=cut(samples=4), shaft=25.0)
    number = plan.bursts[0].channel
    cuts = Cuts(plan)
    assert len(list(cuts.push(Burst(number, 0, RATE, np.zeros(8))))) == 1
    assert list(cuts.push(Burst(number + 1, 0, RATE, np.zeros(8)))) == []

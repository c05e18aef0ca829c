from dataclasses import replace

import numpy as np
import pytest
from small_engine import SECOND, SmallEngine, cut, rule, small_plan

from gatewayd.engine.engine import Engine
from gatewayd.model import Burst, Polled, Quality, Tick


def channels(summary):
    return {channel.name: channel for channel in summary.channels}


def test_a_period_is_summed_up_when_it_is_over():
    engine = SmallEngine(summary=10)
    engine.polls([1.0, 5.0, 3.0])
    assert engine.records == []
    engine.tick(10)
    (summary,) = engine.summaries
    assert (summary.boot, summary.source) == ("boot-1", "pump1")
    assert (summary.start, summary.end) == (0, 10 * SECOND)
    (pressure,) = summary.channels
    assert (pressure.name, pressure.count, pressure.bad) == ("pressure", 3, 0)
    assert (pressure.mean, pressure.min, pressure.max, pressure.last) == (3.0, 1.0, 5.0, 3.0)
    assert (summary.polls, summary.failed, summary.missed) == (3, 0, 0)


def test_periods_are_multiples_of_their_length_and_the_first_is_shorter():
    engine = SmallEngine(summary=10)
    engine.polls(range(25), start=1003)
    assert [(s.start // SECOND, s.end // SECOND) for s in engine.summaries] == [(1003, 1010), (1010, 1020)]
    assert [channels(s)["pressure"].count for s in engine.summaries] == [7, 10]


def test_a_value_at_the_end_of_a_period_belongs_to_the_next():
    engine = SmallEngine(summary=10)
    engine.polls([1.0] * 10 + [99.0])
    (summary,) = engine.summaries
    assert channels(summary)["pressure"].max == 1.0


def test_periods_in_which_nothing_was_fed_have_no_summary():
    engine = SmallEngine(summary=10)
    engine.polls([1.0, 1.0])
    engine.poll(95, pressure=2.0)
    engine.tick(100)
    assert [(s.start // SECOND, s.end // SECOND) for s in engine.summaries] == [(0, 10), (90, 100)]


def test_a_poll_that_gave_values_of_several_times_is_one_poll():
    engine = SmallEngine(summary=10, names=("pressure",))
    good = np.zeros(1, dtype=np.uint8)
    for second in range(5):
        for part in range(4):
            time = second * SECOND + part * SECOND // 4
            engine.feed(Polled(0, time, np.array([1.0]), good, continued=part > 0))
    engine.tick(10)
    (summary,) = engine.summaries
    assert (summary.polls, channels(summary)["pressure"].count) == (5, 20)


def test_a_source_without_polls_and_alarms_has_no_summary():
    engine = SmallEngine(summary=10)
    engine.ticks(0, 100)
    assert engine.summaries == []


def test_a_source_that_only_missed_polls_has_a_summary_that_says_so():
    engine = SmallEngine(summary=10)
    engine.poll(5, missed=4)
    engine.tick(10)
    assert [(s.polls, s.missed, s.channels) for s in engine.summaries] == [(1, 4, ())]


def test_polls_that_yielded_nothing_are_told():
    engine = SmallEngine(summary=10)
    engine.poll(1)
    engine.tick(10)
    assert [(s.polls, s.failed, s.missed, s.channels) for s in engine.summaries] == [(1, 0, 0, ())]


def test_open_alarms_are_told_in_every_period():
    engine = SmallEngine(rule("above", high=6.0), rule("below", name="dry", channel="flow", low=1.0), summary=10)
    engine.poll(1, pressure=7.0, flow=5.0)
    engine.ticks(2, 31)
    assert [s.alarms for s in engine.summaries] == [("watch",)] * 3
    engine.poll(35, pressure=1.0, flow=0.5)
    engine.tick(40)
    assert engine.summaries[-1].alarms == ("dry",)


def test_an_alarm_that_survived_a_restart_is_told_too():
    before = SmallEngine(rule("above", high=6.0))
    before.poll(1, pressure=7.0)
    after = SmallEngine(rule("above", high=6.0), saved=before.saved, restored_at=20, summary=10)
    after.ticks(20, 31)
    assert [(s.start // SECOND, s.alarms) for s in after.summaries] == [(20, ("watch",))]


def test_bad_values_are_counted_apart_with_their_reason():
    engine = SmallEngine(summary=10)
    engine.polls([1.0, 3.0])
    engine.poll(2, pressure=None, reasons={"pressure": "illegal data address"})
    engine.poll(3, pressure=np.nan)
    engine.tick(10)
    pressure = channels(engine.summaries[0])["pressure"]
    assert (pressure.count, pressure.bad, pressure.mean) == (2, 2, 2.0)
    assert pressure.reason == "illegal data address"


def test_nan_without_a_reason_is_said_to_be_no_number():
    engine = SmallEngine(summary=10)
    engine.polls([1.0, np.nan, np.inf])
    engine.tick(10)
    pressure = channels(engine.summaries[0])["pressure"]
    assert (pressure.count, pressure.bad, pressure.reason) == (1, 2, "not a finite number")


def test_a_reason_does_not_outlive_its_period():
    engine = SmallEngine(summary=10)
    engine.poll(0, pressure=None, reasons={"pressure": "wire broken"})
    engine.poll(11, pressure=np.nan)
    engine.poll(12, pressure=5.0)
    engine.tick(20)
    assert [channels(s)["pressure"].reason for s in engine.summaries] == ["wire broken", "not a finite number"]


def test_a_channel_without_a_good_value_has_no_numbers():
    engine = SmallEngine(summary=10)
    engine.fail(1)
    engine.tick(10)
    (summary,) = engine.summaries
    assert (summary.polls, summary.failed) == (1, 1)
    for channel in summary.channels:
        assert (channel.count, channel.bad) == (0, 1)
        assert (channel.mean, channel.min, channel.max, channel.last) == (None, None, None, None)
        assert channel.reason == "no answer within 1 s"


def test_uncertain_values_count():
    engine = SmallEngine(summary=10)
    engine.polls([(2.0, Quality.UNCERTAIN), 4.0])
    engine.tick(10)
    assert channels(engine.summaries[0])["pressure"].mean == 3.0


def test_a_channel_without_values_is_left_out():
    engine = SmallEngine(summary=10)
    engine.poll(0, pressure=1.0)
    engine.tick(10)
    assert set(channels(engine.summaries[0])) == {"pressure"}


def test_features_have_their_place_in_the_summary():
    engine = SmallEngine(window=3, hop=0, features=["mean", "kurtosis"], summary=10)
    engine.polls([2.0] * 6)
    engine.tick(10)
    found = channels(engine.summaries[0])
    assert (found["pressure.mean"].count, found["pressure.mean"].mean) == (4, 2.0)
    assert (found["pressure.kurtosis"].count, found["pressure.kurtosis"].bad) == (0, 4)
    assert "can be computed" in found["pressure.kurtosis"].reason


def test_waveforms_are_counted_and_their_features_summed_up():
    engine = SmallEngine(bursts=["peak_to_peak"], summary=10)
    engine.burst(1, [0.0, 2.0])
    engine.burst(2, [0.0, 4.0])
    engine.burst(3, [0.0], quality=Quality.BAD, reason="overrun")
    engine.tick(10)
    found = channels(engine.summaries[0])
    acceleration = found["acceleration"]
    assert (acceleration.count, acceleration.bad, acceleration.reason) == (2, 1, "overrun")
    assert acceleration.mean is None
    assert (found["acceleration.peak_to_peak"].mean, found["acceleration.peak_to_peak"].bad) == (3.0, 1)


def test_gaps_and_clipping_of_waveforms_are_counted():
    engine = SmallEngine(bursts=["rms"], summary=10)
    for at, flaws in enumerate([{}, {"gap": True}, {"clipped": True}, {"gap": True, "clipped": True}]):
        engine.burst(at, [1.0, 2.0], **flaws)
    engine.burst(5, [1.0, 2.0], quality=Quality.BAD, reason="overrun", clipped=True)
    engine.tick(10)
    acceleration = channels(engine.summaries[0])["acceleration"]
    assert (acceleration.count, acceleration.bad, acceleration.gaps, acceleration.clipped) == (4, 1, 2, 3)
    engine.burst(11, [1.0, 2.0])
    engine.tick(20)
    acceleration = channels(engine.summaries[1])["acceleration"]
    assert (acceleration.count, acceleration.gaps, acceleration.clipped) == (1, 0, 0)


def test_why_features_of_waveforms_are_bad_is_told():
    engine = SmallEngine(bursts=["rms", "velocity_rms(10, 400)"], cut=cut(span=0.1), summary=100)
    engine.burst(1, range(50))
    engine.burst(2, np.sin(np.arange(100)))
    engine.tick(100)
    found = channels(engine.summaries[0])
    rms, velocity = found["acceleration.rms"], found["acceleration.velocity_rms(10, 400)"]
    assert (rms.count, rms.bad, rms.reason) == (1, 1, "the burst is shorter than the window of 0.1 s")
    assert (velocity.count, velocity.bad, velocity.reason) == (0, 2, "too short for 10 Hz")


def test_a_burst_that_nothing_continues_is_told_while_time_passes():
    engine = SmallEngine(bursts=["rms"], cut=cut(span=0.1), summary=100)
    engine.burst(1, range(50))
    engine.ticks(2, 101)
    assert channels(engine.summaries[0])["acceleration.rms"].bad == 1


def test_waveforms_that_did_not_come_are_counted_where_their_group_tells_of_them():
    engine = SmallEngine(bursts=["rms"], summary=10)
    nothing, bad = np.array([np.nan]), np.array([Quality.BAD], dtype=np.uint8)
    engine.burst(1, [0.0, 2.0])
    engine.feed(Polled(1, SECOND, nothing, np.array([Quality.ABSENT], dtype=np.uint8)))
    engine.feed(Polled(1, 2 * SECOND, nothing, bad, {"acceleration": "no answer"}, failed=True))
    engine.tick(10)
    (acceleration, _) = engine.summaries[0].channels
    assert (acceleration.count, acceleration.bad, acceleration.reason) == (1, 1, "no answer")


def test_polls_of_waveforms_alone_are_counted():
    plan = small_plan(bursts=["rms"], summary=10)
    bare = replace(plan, groups=(plan.groups[0], replace(plan.groups[1], channels=())))
    engine = Engine(bare, "boot-1")
    nothing = np.zeros(0)
    for at in range(3):
        engine.feed(Polled(1, at * SECOND, nothing, nothing.astype(np.uint8), failed=at == 2))
        engine.feed(Burst(3, at * SECOND, 100.0, np.array([1.0, 2.0])))
    (summary,) = engine.feed(Tick(10 * SECOND)).records
    assert (summary.polls, summary.failed) == (3, 1)
    assert [(channel.name, channel.count) for channel in summary.channels] == [
        ("acceleration", 3),
        ("acceleration.rms", 3),
    ]


def test_what_is_late_is_counted_in_the_present_period():
    engine = SmallEngine(summary=10)
    engine.poll(12, pressure=1.0)
    engine.poll(9, pressure=3.0)
    engine.tick(20)
    assert [channels(s)["pressure"].count for s in engine.summaries] == [2]


def test_at_the_end_what_there_is_of_the_period_is_told():
    engine = SmallEngine(summary=10)
    engine.polls([1.0] * 13)
    engine.stop(12.5)
    assert [(s.start, s.end / SECOND, s.polls) for s in engine.summaries] == [(0, 10, 10), (10 * SECOND, 12.5, 3)]


def test_an_engine_that_was_fed_nothing_has_nothing_to_say():
    engine = SmallEngine(summary=10)
    engine.stop(5)
    assert engine.records == []


@pytest.mark.parametrize("every", [7, 60])
def test_summaries_miss_nothing_and_count_nothing_twice(every):
    engine = SmallEngine(summary=every)
    values = np.random.default_rng(3).normal(4.0, 1.0, 500)
    engine.polls(values.tolist(), start=1234.5)
    engine.stop(2000)
    counts = [channels(s)["pressure"].count for s in engine.summaries]
    means = [channels(s)["pressure"].mean for s in engine.summaries]
    assert sum(counts) == 500
    assert np.dot(counts, means) / 500 == pytest.approx(values.mean(), rel=1e-12)


def test_without_a_period_there_are_no_summaries():
    engine = SmallEngine(summary=0)
    engine.polls(range(25))
    engine.tick(10_000)
    assert engine.summaries == []
    assert engine.stop(10_001).records == ()


def many_sources(count, names):
    """A plan of so many sources with the same channels, summed up every 10 s."""
    plan = small_plan(names=names, summary=10)
    (group,) = plan.groups
    return replace(
        plan,
        channels=[
            replace(each, source=f"pump{n}", name=f"pump{n}.{each.short_name}")
            for n in range(count)
            for each in plan.channels
        ],
        groups=[
            replace(group, source=f"pump{n}", channels=tuple(range(n * len(names), (n + 1) * len(names))))
            for n in range(count)
        ],
    )


def test_of_many_channels_only_some_are_summed_up_at_an_input_and_each_before_its_next_period_is_counted():
    """Else a gateway with 500 devices would do nothing else for a third of a second, once a minute."""
    names = tuple(f"c{n}" for n in range(30))
    engine = Engine(many_sources(100, names), "boot-1")

    def poll(source, second, value):
        return engine.feed(Polled(source, second * SECOND, np.full(30, value), np.zeros(30, dtype=np.uint8))).records

    for source in range(100):
        assert poll(source, 1, 1.0) == ()
    told = [poll(99, 11, 2.0), *(engine.feed(Tick((11 + n) * SECOND)).records for n in range(8))]
    assert "pump99" in [summary.source for summary in told[0]]
    assert max(map(len, told)) <= 12
    told += [poll(source, 19, 3.0) for source in range(98, -1, -1)]
    told += [engine.feed(Tick(20 * SECOND)).records]
    first = {each.source: each for some in told for each in some if each.end == 10 * SECOND}
    assert len(first) == 100
    assert {channel.max for each in first.values() for channel in each.channels} == {1.0}
    last = [*told[-1], *engine.stop(21 * SECOND).records]
    assert sorted(each.source for each in last if each.end == 20 * SECOND) == sorted(first)
    assert {channels(each)["c0"].max for each in last if each.end == 20 * SECOND} == {2.0, 3.0}

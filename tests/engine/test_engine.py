from functools import cache

import msgspec
import numpy as np
import pytest
from effort import campaign
from small_engine import ORDERS, SCORES, SECOND, SmallEngine, ns, rule, term

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import (
    Condition,
    Plan,
    PlannedAlarms,
    PlannedBearing,
    PlannedBurstFeatures,
    PlannedCalculation,
    PlannedChannel,
    PlannedCut,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedShaft,
    PlannedWindow,
)
from gatewayd.model import Burst, Computed, Kind, Polled, Quality, Tick
from gatewayd.records import NOTHING, Alarm, AlarmState, Fault, Flood, Readings, Severity, Summary, Verdict
from gatewayd_ext.terms import named

MINUTES = 5
RARE = (2, 4)
"""Rules whose alarms are critical, so that no flood of the others hides them."""
URGENCY = (Severity.WARNING, Severity.CRITICAL)


def busy_plan():
    """Two sources, three groups, windows, bursts, calculations, a bearing, every kind of condition, readings."""
    channels = [PlannedChannel(f"a.c{n}", "bar", "a") for n in range(4)]
    channels += [PlannedChannel("b.c0", "m/s2", "b"), PlannedChannel("b.wave", "m/s2", "b", Kind.WAVEFORM)]
    channels += [PlannedChannel(f"a.c0.{name}", "", "a", derived=True) for name in ("rms", "kurtosis")]
    channels += [PlannedChannel("b.wave.rms", "", "b", derived=True)]
    channels += [PlannedChannel(f"b.wave.{name}", "", "b", derived=True) for name in ("order_rms(1, 0.1)", "sludge")]
    channels += [PlannedChannel("a.c0.sludge", "", "a", derived=True)]
    channels += [PlannedChannel(f"bearing.x.{name}", "", "b", derived=True) for name in SCORES]
    shaft, halves = PlannedShaft(channel=4, factor=50.0), PlannedCut(samples=256)
    conditions = [
        {"condition": Condition.ABOVE, "channel": 0, "high": 1.0, "deadband": 0.5},
        {"condition": Condition.BELOW, "channel": 1, "low": -1.0, "off_delay": 2 * SECOND},
        {"condition": Condition.OUTSIDE, "channel": 2, "low": -1.5, "high": 1.5, "on_delay": SECOND, "gate": 3},
        {"condition": Condition.RATE, "channel": 4, "high": 1.0, "span": SECOND},
        {"condition": Condition.FLAT, "channel": 3, "span": 3 * SECOND},
        {"condition": Condition.STALE, "channel": 0, "span": SECOND},
        {"condition": Condition.ABOVE, "channel": 6, "high": 1.0, "deadband": 0.1},
        {"condition": Condition.ABOVE, "channel": 8, "high": 1.0},
        {"condition": Condition.ABOVE, "channel": 9, "high": 0.2, "deadband": 0.05},
        {"condition": Condition.BELOW, "channel": 10, "low": 0.0, "on_delay": SECOND},
        {"condition": Condition.ABOVE, "channel": 11, "high": 0.0},
        {"condition": Condition.ABOVE, "channel": 12, "high": 8.0},
    ]
    return Plan(
        channels=tuple(channels),
        groups=(
            PlannedGroup("a", (0, 1), ns(0.2)),
            PlannedGroup("a", (2, 3), ns(1)),
            PlannedGroup("b", (4,), ns(0.5)),
        ),
        windows=(PlannedWindow("w", 0, (0,), ns(5), 0, ns(1), named("rms", "kurtosis"), ((6, 7),)),),
        bursts=(
            PlannedBurstFeatures("x", 5, named("rms"), (8,)),
            PlannedBurstFeatures("y", 5, (term("order_rms(1, 0.1)"),), (9,), halves, shaft),
        ),
        calculations=(
            PlannedCalculation("sludge", 5, (10,), halves, shaft=shaft),
            PlannedCalculation("sludge", 0, (11,), window=0),
            PlannedCalculation("x", 5, (), shaft=PlannedShaft(25.0)),
        ),
        bearings=(PlannedBearing("x", 5, 2, ORDERS, (12, 13, 14, 15)),),
        rules=tuple(
            PlannedRule(name=f"r{n}", severity=URGENCY[n in RARE], **each) for n, each in enumerate(conditions)
        ),
        readings=(PlannedReadings(0, (0, 1), ns(1)), PlannedReadings(2, (0,), ns(5))),
        alarms=PlannedAlarms(45, ns(20)),
        summary_every=ns(30),
    )


@cache
def random_inputs():
    """Some minutes of polls with noise, gaps and every quality, bursts and ticks, in the order of their times."""
    random = np.random.default_rng(11)
    inputs = [Tick(ns(at)) for at in np.arange(0.1, MINUTES * 60, 0.5).tolist()]
    for number, group in enumerate(busy_plan().groups):
        for time in range(group.interval, ns(MINUTES * 60), group.interval):
            if time // ns(20) % 5 != number:
                values = np.round(random.normal(0, 1, len(group.channels)), int(random.integers(0, 4)))
                values[random.random(len(values)) < 0.05] = random.choice([np.nan, np.inf, -np.inf])
                qualities = random.choice([0, 1, 2, 255], len(values), p=[0.8, 0.08, 0.06, 0.06]).astype(np.uint8)
                inputs.append(Polled(number, time, values, qualities, missed=int(random.integers(0, 2))))
    for at in range(280):
        quality, gap, clipped = Quality(int(random.choice([0, 0, 0, 2]))), random.random() < 0.1, random.random() < 0.1
        inputs.append(Burst(5, ns(at), 1000.0, random.normal(0, 1, 512), quality, "", gap, clipped))
        inputs += [Computed(n, ns(at + 0.3), random.normal(0, 1, 1)) for n in range(2) if random.random() < 0.9]
        scores = np.array([*random.normal(0, 0.1, 3), 25.0])
        scores[at // 60 % 3] += 12 * (at // 30 % 2)
        bad = random.random() < 0.1
        inputs.append(Computed(2, ns(at + 0.4), scores, Quality.BAD if bad else Quality.GOOD, "why" * bad))
    return sorted(inputs, key=lambda item: (item.time, type(item).__name__, getattr(item, "group", 0)))


def said(engine, inputs):
    return [engine.feed(item) for item in inputs]


def encoded(outputs):
    said = [[output.records, output.saved, output.urgent] for output in outputs]
    asked = [
        [each.calculation, each.time, each.values.tobytes(), each.rate, each.shaft, each.quality]
        for output in outputs
        for each in output.requests
    ]
    return msgspec.msgpack.encode([said, asked])


@cache
def without_a_stop():
    """What an engine says that is fed all of it, and is stopped then."""
    engine, inputs = Engine(busy_plan(), "boot-1"), random_inputs()
    return [*said(engine, inputs), engine.stop(inputs[-1].time + 1)]


def test_the_same_inputs_give_the_same_bytes():
    engine, inputs = Engine(busy_plan(), "boot-1"), random_inputs()
    again = [*said(engine, inputs), engine.stop(inputs[-1].time + 1)]
    assert encoded(again) == encoded(without_a_stop())


def test_the_random_inputs_make_every_rule_and_stage_speak():
    plan = busy_plan()
    outputs = without_a_stop()
    records = [record for output in outputs for record in output.records]
    told = {(record.rule, record.state) for record in records if isinstance(record, Alarm)}
    assert told == {(rule.name, state) for rule in plan.rules for state in (AlarmState.RAISED, AlarmState.CLEARED)}
    assert {type(record) for record in records} == {Alarm, Flood, Verdict, Summary, Readings}
    assert {record.fault for record in records if isinstance(record, Verdict)} == set(Fault)
    assert {request.calculation for output in outputs for request in output.requests} == {0, 1, 2}


@pytest.mark.campaign
@pytest.mark.parametrize("cut", [777])
def test_a_run_in_two_parts_gives_the_same_bytes_each_time(cut):
    again = in_two_parts.__wrapped__(cut)
    assert encoded(again) == encoded(in_two_parts(cut))


@pytest.mark.parametrize("cut", [777, 2000, *campaign(1, 2600)])
def test_a_stop_and_a_start_change_no_alarm_and_no_verdict(cut):
    parts = in_two_parts(cut)
    assert alarms(without_a_stop()) == alarms(parts)
    assert verdicts(without_a_stop()) == verdicts(parts)


@pytest.mark.parametrize("cut", [777, 2000])
def test_over_a_restart_no_alarm_is_raised_twice_or_cleared_twice(cut):
    told = alarms(in_two_parts(cut))
    for planned in busy_plan().rules:
        states = [alarm.state for alarm in told if alarm.rule == planned.name]
        assert states == [(AlarmState.RAISED, AlarmState.CLEARED)[n % 2] for n in range(len(states))]


@pytest.mark.parametrize("cut", [777, 2000])
def test_a_restart_loses_no_reading_and_no_value_of_a_summary(cut):
    parts = in_two_parts(cut)
    assert totals(without_a_stop()) == totals(parts)


@cache
def in_two_parts(cut):
    """What an engine says that is stopped after `cut` inputs, and the one that goes on from what it saved."""
    plan, inputs = busy_plan(), random_inputs()
    outputs = said(first := Engine(plan, "boot-1"), inputs[:cut])
    time = inputs[cut].time
    outputs.append(first.stop(time))
    saved = {(item.stage, item.name): item for output in outputs for item in output.saved}
    second = Engine(plan, "boot-1")
    outputs.append(second.restore(saved.values(), time))
    outputs += said(second, inputs[cut:])
    return [*outputs, second.stop(inputs[-1].time + 1)]


def alarms(outputs):
    return [record for output in outputs for record in output.records if isinstance(record, Alarm)]


def verdicts(outputs):
    return [record for output in outputs for record in output.records if isinstance(record, Verdict)]


def totals(outputs):
    """Counts of all summaries by source and channel, and the bytes of all readings by source and channels."""
    counts, read = {}, {}
    for record in (record for output in outputs for record in output.records):
        if isinstance(record, Summary):
            for channel in record.channels:
                key = record.source, channel.name
                good, bad = counts.get(key, (0, 0))
                counts[key] = good + channel.count, bad + channel.bad
            polls = record.source, "polls"
            before = counts.get(polls, (0, 0))
            counts[polls] = before[0] + record.polls, before[1] + record.missed
        elif isinstance(record, Readings):
            key = record.source, record.channels
            read[key] = read.get(key, b"") + record.times + record.values
    return counts, {key: sorted(data) for key, data in read.items()}


def test_windows_are_saved_at_the_end_and_used_once():
    before = SmallEngine(window=4, hop=0)
    before.polls([1.0] * 4)
    before.stop(4)
    assert before.saved["windows", "pump1.pressure.rms"].data
    after = SmallEngine(window=4, hop=0, saved=before.saved, restored_at=4, summary=10)
    assert after.saved["windows", "pump1.pressure.rms"].data == b""
    after.poll(4, pressure=1.0)
    after.stop(5)
    assert [channel.name for channel in after.summaries[0].channels] == ["pressure", "pressure.rms"]


def test_an_input_that_nothing_follows_from_gives_nothing():
    engine = SmallEngine(rule("above", high=6.0), window=10)
    assert engine.poll(0, pressure=1.0) is NOTHING
    assert engine.tick(1) is NOTHING


def test_an_alarm_goes_before_the_summary_of_the_same_input_and_makes_it_urgent():
    engine = SmallEngine(rule("above", high=6.0), summary=10, names=("pressure",), interval=1, readings=1)
    engine.poll(0, pressure=1.0)
    output = engine.poll(10, pressure=7.0)
    assert [type(record) for record in output.records] == [Alarm, Summary, Readings]
    assert output.urgent
    assert output.records[1].alarms == ()


def test_summaries_alone_are_not_urgent():
    engine = SmallEngine(summary=10)
    engine.poll(0, pressure=1.0)
    assert not engine.tick(10).urgent


def test_the_first_input_may_come_at_any_time():
    engine = SmallEngine(rule("stale", span=5), rule("above", name="high", high=1.0), summary=10)
    engine.tick(0)
    engine.poll(1e6, pressure=2.0)
    assert [alarm.rule for alarm in engine.alarms] == ["high"]


def test_times_that_go_back_harm_nothing():
    engine = SmallEngine(
        rule("above", name="a", high=1.0, on_delay=3),
        rule("flat", name="b", span=3),
        rule("rate_above", name="c", span=3, high=9.0),
        rule("stale", name="d", span=30),
        window=3,
        readings=2,
        summary=10,
    )
    for at in (5, 6, 3, 7, 2, 8, 9, 11, 4, 12):
        engine.poll(at, pressure=2.0, flow=1.0, running=1.0)
    assert {alarm.rule for alarm in engine.alarms} == {"a", "b"}


def test_a_failing_device_raises_only_what_waits_for_silence():
    engine = SmallEngine(
        rule("below", name="low", low=1.0),
        rule("flat", name="flat", span=5),
        rule("below", name="rms", channel="pressure.rms", low=1.0),
        rule("stale", name="silent", span=20),
        window=10,
        hop=1,
        summary=60,
    )
    engine.polls(np.random.default_rng(1).normal(5, 0.1, 30).tolist())
    for at in range(30, 60):
        engine.fail(at)
        engine.tick(at + 0.5)
    engine.tick(60)
    assert [alarm.rule for alarm in engine.alarms] == ["silent"]
    (summary,) = engine.summaries
    assert (summary.polls, summary.failed, summary.alarms) == (60, 30, ("silent",))

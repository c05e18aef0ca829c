import math

import numpy as np
import pytest
from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.plan import PlannedForecast

HOUR = 3600
OUTPUTS = ("days", "earliest", "latest", "slope")


def to_limit(numbers, derive):
    outputs = tuple(derive(f"trend.wear.{each}", "d") for each in OUTPUTS)
    return PlannedForecast("wear", (numbers["pressure"],), outputs, limit=20.0, every=6 * HOUR * SECOND)


def watched(*rules, **more):
    return SmallEngine(*rules, derivers=[to_limit], interval=HOUR, summary=86_400 * 3, **more)


def wear(engine, days, begin=0.0, rise=0.5, seed=1):
    """An hourly pressure that rises by so much a day."""
    noise = np.random.default_rng(seed).normal(size=round(days * 24)) * 0.1
    for hour, each in enumerate(noise):
        engine.poll(begin * 86_400 + hour * HOUR, pressure=5 + rise * (begin + hour / 24) + each)


def last(engine, name):
    found = [each for summary in engine.summaries for each in summary.channels if each.name == f"trend.wear.{name}"]
    return found[-1]


def test_a_rule_may_look_at_the_days_that_are_left():
    engine = watched(rule("below", "trend.wear.days", low=14.0))
    wear(engine, 20)
    (alarm,) = engine.alarms
    assert 10 < alarm.value < 14
    (cause,) = alarm.causes
    assert cause.channel == "pump1.pressure"
    assert "/d, at 20" in cause.part


def test_until_there_is_a_statement_the_channels_are_bad_and_say_why():
    engine = watched()
    wear(engine, 6, rise=0.0)
    assert last(engine, "days").reason == "11 of the 16 points that are needed"
    wear(engine, 12, begin=6, rise=0.0)
    days = last(engine, "days")
    assert (days.count, days.reason) == (0, "no clear trend")
    assert last(engine, "slope").count > 0


def test_a_restart_changes_nothing():
    whole, first = watched(), watched()
    wear(whole, 10)
    wear(whole, 10, begin=10, seed=2)
    wear(first, 10)
    first.stop(10 * 86_400)
    second = watched(saved=first.saved, restored_at=10 * 86_400)
    wear(second, 10, begin=10, seed=2)
    assert last(second, "days").last == pytest.approx(last(whole, "days").last, rel=0.02)


def test_after_a_reboot_it_goes_on():
    first = watched()
    wear(first, 10)
    second = watched(saved=first.saved, restored_at=5, boot="boot-2")
    for hour in range(10 * 24):
        second.poll(10 + hour * HOUR, pressure=10 + hour / 48)
    assert math.isfinite(last(second, "days").last)


def test_bad_values_are_not_followed():
    engine = watched()
    wear(engine, 10)
    before = last(engine, "slope").last
    for hour in range(200):
        engine.poll(10 * 86_400 + hour * HOUR, pressure=None)
    assert last(engine, "slope").last == pytest.approx(before, rel=0.01)

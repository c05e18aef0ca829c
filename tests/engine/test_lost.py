"""What another version saved, or what cannot be read: alarms outlive what does not concern them, or are over."""

from dataclasses import replace

import msgspec
import pytest
from small_engine import SmallEngine, rule

from gatewayd.engine.alarms.alarms import ALARMS
from gatewayd.engine.alarms.rule import Rule
from gatewayd.engine.plan import Condition, PlannedChannel, PlannedRule
from gatewayd.records import Severity


def over():
    return rule("above", high=6.0)


def raised():
    engine = SmallEngine(over())
    engine.poll(5, pressure=7.0)
    return engine


def test_an_alarm_that_cannot_be_read_is_cleared_and_raised_again():
    whole = raised().saved[ALARMS, "watch"]
    after = SmallEngine(over(), saved={(ALARMS, "watch"): replace(whole, data=whole.data[:-3])})
    assert after.alarms[0].reason == "pump1.pressure: what was saved of it cannot be read"
    assert not after.saved[ALARMS, "watch"].data
    after.poll(1, pressure=7.0)
    assert after.story() == [("cleared", 0), ("raised", 1)]


@pytest.mark.parametrize("rules", [[over()], []])
def test_an_alarm_that_a_newer_version_saved_is_cleared_as_the_one_that_was_raised(rules):
    before = raised()
    whole = before.saved[ALARMS, "watch"]
    data = msgspec.msgpack.encode(msgspec.msgpack.decode(whole.data) | {"state": "brand new"})
    after = SmallEngine(*rules, saved={(ALARMS, "watch"): replace(whole, data=data)}, restored_at=9)
    assert after.story() == [("cleared", 9)]
    assert after.alarms[0].id == before.alarms[0].id
    assert after.alarms[0].channel == "pump1.pressure"


def test_fields_that_a_version_adds_do_not_end_alarms():
    plan = PlannedRule(name="watch", channel=7, condition=Condition.ABOVE, high=6.0, severity=Severity.CRITICAL)
    assert Rule(plan, PlannedChannel("pump1.pressure", "bar", "pump1"), None, "b").definition == "2f33a936ddc9edb5"

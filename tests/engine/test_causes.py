"""What an alarm says of its causes."""

import numpy as np
import pytest
from small_engine import SmallEngine, rule

from gatewayd.engine.alarms.causes import in_words
from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving import derivers
from gatewayd.engine.deriving.deriver import Deriver
from gatewayd.engine.plan import PlannedFormula
from gatewayd.records import AlarmKind, AlarmState, Cause, Stamp

FLOW = Cause(channel="pump1.flow", share=0.523, value=31.04, normal=35.0, low=34.0, high=36.0, unit="l/min")


def cause(channel="pump1.power", share=0.2, **more):
    return Cause(channel=channel, share=share, **more)


@pytest.mark.parametrize(
    ("causes", "words"),
    [
        ([], ""),
        ([FLOW], ": pump1.flow 52 % (31.04 l/min, normal 34 to 36)"),
        ([cause("a"), cause("b", value=2.0, normal=1.5)], ": a 20 %, b 20 % (2, normal 1.5)"),
        ([cause(), cause(share=0.049)], ": pump1.power 20 %"),
        ([cause(share=0.04)], ": pump1.power 4 %"),
        ([cause(share=1.0, part="flat line")], ": pump1.power (flat line)"),
        ([cause(n, 0.2) for n in "abcd"], ": a 20 %, b 20 %, c 20 %"),
        ([cause(value=3.0, unit="bar", part="course")], ": pump1.power 20 % (3 bar, course)"),
    ],
)
def test_the_first_causes_are_told_in_plain_words(causes, words):
    assert in_words(causes) == words


class Scored(Deriver):
    """Stands in for a model: its score is the pressure, and the flow is to blame."""

    def __init__(self, planned, _plan, _paces, _boot):
        self.plan = planned

    def step(self, row, why, said):
        self.value = float(row.values[0])
        return Derived(self.plan.outputs, row.time, np.array([self.value]), np.zeros(1, np.uint8))

    def explain(self, _channel):
        return (Cause(channel="pump1.flow", share=0.6, value=self.value, since=Stamp("boot-1", 5)),)


@pytest.fixture
def scored(monkeypatch):
    monkeypatch.setattr(derivers, "MAKERS", {**derivers.MAKERS, PlannedFormula: Scored})

    def planned(numbers, derive):
        return PlannedFormula("pump1", (numbers["pressure"],), (derive("health.pump1"),), ())

    return lambda **more: SmallEngine(rule("above", "health.pump1", high=1.0, **more), derivers=[planned])


def test_an_alarm_says_what_moved_the_channel_and_keeps_saying_it(scored):
    engine = scored(latch=True)
    engine.polls([0.5, 1.8, 3.0, 0.5])
    engine.order(4, "ack")
    raised, *later = engine.alarms
    assert raised.reason == "health.pump1: 1.8, above 1: pump1.flow 60 % (1.8)"
    assert raised.causes == (Cause(channel="pump1.flow", share=0.6, value=1.8, since=Stamp("boot-1", 5)),)
    assert [alarm.state for alarm in later] == [AlarmState.RETURNED, AlarmState.CLEARED]
    assert all(alarm.causes == raised.causes for alarm in later)
    assert later[0].reason == "health.pump1: 0.5, no longer above 1"


def test_an_alarm_that_is_raised_again_is_explained_anew(scored):
    engine = scored(latch=True, on_delay=1)
    engine.polls([1.8, 1.9, 0.5, 5.0, 6.0])
    again = engine.alarms[-1]
    assert again.reason == "health.pump1: 6, above 1 for 1 s: pump1.flow 60 % (6)"
    assert again.causes[0].value == 6.0


def test_a_channel_that_is_measured_has_no_causes():
    engine = SmallEngine(rule("above", high=1.0))
    engine.poll(0, pressure=2.0)
    assert engine.alarms[0].causes == ()


def test_the_alarm_of_a_sensor_says_what_its_fault_is():
    engine = SmallEngine(
        rule("above", "pressure.fault", high=0.0, kind=AlarmKind.SENSOR),
        sensors=[("pressure", {"low": 0.0, "high": 10.0})],
    )
    engine.polls([5.0, 99.0, 99.0, 99.0, 99.0])
    (alarm,) = engine.alarms
    assert alarm.about is AlarmKind.SENSOR
    assert [cause.channel for cause in alarm.causes] == ["pump1.pressure"]
    assert alarm.reason == "pump1.pressure: out of range at 99 bar, above 10 bar"

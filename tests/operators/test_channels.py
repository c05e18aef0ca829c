"""Channels before operators: what was measured and derived last."""

import pytest
from desk import Desk

from gatewayd import clock
from gatewayd.operators import channels


@pytest.fixture
def desk(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: 100_000_000_000)
    return Desk(window=4, features=("mean",))


def told(desk, **arguments):
    answer = desk.ask("channel.list", **arguments)
    return {each["name"]: each for each in answer["channels"]}


def test_each_channel_is_told_with_its_value_and_its_age(desk):
    desk.engine.poll(99, pressure=2.0, flow=None, running=1.0, reasons={"flow": "sensor fault"})
    found = told(desk)
    assert found["pump1.pressure"] == {
        "name": "pump1.pressure",
        "unit": "bar",
        "kind": "scalar",
        "derived": False,
        "value": 2.0,
        "quality": "good",
        "reason": "",
        "age": 1.0,
        "length": 0,
        "rate": 0.0,
    }
    assert found["pump1.flow"] | {"value": None, "quality": "bad", "reason": "sensor fault"} == found["pump1.flow"]
    nothing = {"value": None, "quality": "bad", "reason": "no value yet", "age": None}
    assert found["pump1.pressure.mean"] | nothing == found["pump1.pressure.mean"]


def test_a_value_that_is_too_old_is_not_passed_off_as_good(desk):
    desk.engine.poll(80, pressure=2.0, flow=2.0, running=1.0)
    old = told(desk)["pump1.pressure"]
    assert (old["value"], old["quality"], old["reason"], old["age"]) == (2.0, "bad", "no new value", 20.0)


def test_a_part_of_them_may_be_asked_for(desk):
    assert list(told(desk, start=1, most=2)) == ["pump1.flow", "pump1.running"]
    assert list(told(desk, pattern="*.pressure*")) == ["pump1.pressure", "pump1.pressure.mean"]
    assert desk.ask("channel.list", pattern="*.pressure*", start=5) == {"count": 2, "channels": []}
    assert desk.ask("channel.list", most=0)["count"] == 4


@pytest.mark.parametrize(
    "arguments", [{"start": -1}, {"most": channels.MOST + 1}, {"pattern": "x" * 301}, {"pattern": 3}, {"what": 1}]
)
def test_nonsense_is_refused(desk, arguments):
    assert desk.refusal("channel.list", **arguments).startswith("this cannot be asked for")

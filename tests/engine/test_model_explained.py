"""What a model says of its score, by itself and through the engine."""

import numpy as np
import pytest
from small_engine import SmallEngine, rule
from taught_model import LEVELS, SCATTERS, SECOND, TaughtModel, healthy, taught

from gatewayd.engine.plan import PlannedModel
from gatewayd.model import Command, Order
from gatewayd.models.card import ModelState


def test_the_score_is_explained():
    model = taught()
    model.rows(healthy(100, seed=2))
    model.rows(healthy(60, seed=3) + np.array([0, -20 * SCATTERS[1], 0, 0]))
    first, *others = model.model.explain(model.plan.derivers[0].outputs[0])
    assert first.channel == "pump1.flow"
    assert first.share > 0.5
    assert first.share + sum(each.share for each in others) == pytest.approx(1.0)
    assert first.value < first.low < first.normal < first.high
    assert first.unit == "l/min"
    assert first.part
    assert first.since.boot == "boot-1"
    assert 500 * SECOND < first.since.time <= 530 * SECOND
    assert model.status.causes[0] == first


def test_a_change_point_is_told_in_one_row_and_explained():
    model = taught()
    model.rows(healthy(200, seed=2))
    assert model.model.explain(model.plan.derivers[0].outputs[1]) == ()
    model.rows(healthy(60, seed=3) + np.array([0, -20 * SCATTERS[1], 0, 0]))
    (row,) = np.flatnonzero(model.changes[-60:])
    assert row < 15
    first = model.model.explain(model.plan.derivers[0].outputs[1])[0]
    assert (first.channel, first.part) == ("pump1.flow", "step")
    assert first.since.time == (600 + row + 1) * SECOND
    assert first.normal == pytest.approx(LEVELS[1], abs=3 * SCATTERS[1])
    assert first.value < first.normal


def test_a_silence_is_no_change():
    model = taught()
    model.rows(healthy(100, seed=2))
    model.now += 1000 * SECOND
    model.rows(healthy(100, seed=2) + 0.5 * SCATTERS)
    assert np.nansum(model.changes[-100:]) == 0


def test_without_a_score_there_is_nothing_to_explain():
    model = TaughtModel()
    assert model.model.explain(model.plan.derivers[0].outputs[0]) == ()


def of_pump(numbers, derive):
    inputs = tuple(numbers[name] for name in ("flow", "pressure", "running"))
    outputs = derive("health.pump1", "1"), derive("health.pump1.change", "1")
    return PlannedModel("pump1", inputs, outputs, rows=100, gate=2, asset="pump1")


def small_engine(**more):
    return SmallEngine(rule("above", "health.pump1", high=1.0), derivers=[of_pump], **more)


def pumped(engine, count, start=0, fault=0.0):
    noise = np.random.default_rng(start)
    for n in range(start, start + count):
        flow, pressure = noise.normal(size=2)
        engine.poll(n, flow=30 + flow + fault, pressure=4 + pressure / 10, running=1.0)


def test_an_alarm_of_the_score_says_what_moved_it():
    engine = small_engine()
    pumped(engine, 100)
    pumped(engine, 100, start=100)
    assert engine.alarms == []
    pumped(engine, 100, start=200, fault=-20.0)
    alarm = engine.alarms[0]
    assert alarm.channel == "health.pump1"
    assert 200 * SECOND <= alarm.time <= 215 * SECOND
    cause = alarm.causes[0]
    assert (cause.channel, cause.unit, cause.part) == ("pump1.flow", "l/min", "level")
    assert cause.share > 0.5
    assert engine.engine.models()[0].state is ModelState.JUDGING


def test_what_was_learned_is_stored_with_its_news_and_at_once():
    engine = small_engine()
    pumped(engine, 99)
    output = engine.poll(99, flow=30.0, pressure=4.0, running=1.0)
    assert [str(record.event) for record in output.records] == ["learned"]
    assert output.urgent
    assert ("models", "pump1/0") in {(item.stage, item.name) for item in output.saved}


def test_the_summary_says_that_it_learns():
    engine = small_engine(summary=10)
    pumped(engine, 25)
    found = {channel.name: channel for channel in engine.summaries[-1].channels}
    assert found["health.pump1"].count == 0
    assert found["health.pump1"].reason == "learning: 20 of 100 rows"


def test_a_stopped_pump_raises_nothing_and_does_not_end_an_alarm_by_itself():
    engine = small_engine()
    pumped(engine, 200)
    for n in range(200, 400):
        engine.poll(n, flow=0.0, pressure=0.0, running=0.0)
    assert engine.alarms == []


def test_an_alarm_neither_clears_nor_is_raised_again_because_the_gateway_restarts():
    engine = small_engine()
    pumped(engine, 200)
    pumped(engine, 50, start=200, fault=-20.0)
    engine.stop(250)
    again = small_engine(saved=engine.saved, restored_at=250)
    pumped(again, 50, start=251, fault=-20.0)
    assert again.alarms == []
    assert len(again.engine.alarms()) == 1


def test_an_order_reaches_the_model_through_the_engine():
    engine = small_engine()
    pumped(engine, 150)
    engine.feed(Command(150 * SECOND, Order.FREEZE, "pump1", by="anna"))
    assert engine.engine.models()[0].frozen


def test_the_same_input_gives_the_same_output_and_a_prefix_a_prefix():
    whole, part = small_engine(summary=1), small_engine(summary=1)
    pumped(whole, 300)
    pumped(part, 200)
    assert part.records == whole.records[: len(part.records)]

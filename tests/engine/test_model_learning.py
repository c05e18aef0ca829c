"""A model learns what is normal, says how far it is, and then judges."""

import math

import numpy as np
import pytest
from taught_model import LEVELS, NAMES, RUNNING, SCATTERS, SECOND, TaughtModel, healthy, taught, with_guide

from gatewayd.model import Quality
from gatewayd.models.card import ModelState

HOUR = 3600 * SECOND


def test_until_it_has_learned_the_score_is_bad_and_says_how_far_it_is():
    model = TaughtModel(rows=400)
    model.rows(healthy(400)[:100])
    assert math.isnan(model.scores[-1])
    assert model.qualities[-1] == Quality.BAD
    assert model.reasons[-1] == "learning: 100 of 400 rows"
    assert model.status.state is ModelState.LEARNING
    assert model.status.progress == 0.25
    assert model.status.why == "learning: 100 of 400 rows"


def test_learning_for_a_time_says_how_much_of_it_is_over():
    model = TaughtModel(rows=0, span=24 * HOUR, interval=60)
    model.rows(healthy(505))
    assert model.reasons[-1] == "learning: 35 % of 1 d"


def test_when_it_has_learned_it_judges_and_a_healthy_row_is_within_the_edge_of_normal():
    model = taught()
    scores = model.rows(healthy(600, seed=2))
    assert np.isfinite(scores).all()
    assert np.mean(scores > 1.0) < 0.05
    assert model.qualities[-1] == Quality.GOOD
    assert model.status.state is ModelState.JUDGING
    assert model.status.progress is None


def test_what_is_new_stands_out():
    model = taught()
    model.rows(healthy(100, seed=2))
    faulty = healthy(100, seed=3) + np.array([0, -8 * SCATTERS[1], 0, 6 * SCATTERS[3]])
    assert (model.rows(faulty)[40:] > 1.0).all()


def test_the_beginning_and_the_end_of_learning_are_told_with_the_cards_essentials():
    model = taught()
    begun, learned = model.news
    assert (begun.event, begun.reason) == ("learning", "pump1: learns: it has learned nothing yet")
    assert (begun.model, begun.channel, begun.version, begun.spread) == ("pump1", "health.pump1", 0, None)
    assert (learned.event, learned.version, learned.rows, learned.seconds) == ("learned", 1, 400, 399.0)
    assert learned.reason == "pump1: version 1 is learned from 400 rows (399 s of running)"
    assert learned.spread < 1.0
    assert learned.doubts == ()


def test_the_card_says_what_was_normal():
    (card,) = taught().status.versions
    assert (card.version, card.rows, card.seconds, card.why) == (1, 400, 399.0, "it has learned nothing yet")
    assert (card.begun.time, card.learned.time) == (SECOND, 400 * SECOND)
    assert [channel.channel for channel in card.channels] == [f"pump1.{name}" for name in NAMES]
    flow = card.channels[1]
    assert flow.unit == "l/min"
    assert flow.low < flow.middle < flow.high
    assert flow.middle == pytest.approx(LEVELS[1], abs=3 * SCATTERS[1])


def test_rows_while_the_gate_is_closed_are_neither_learned_nor_judged():
    model = TaughtModel(behind=RUNNING, rows=400)
    model.rows(with_guide(healthy(100), 0.0))
    assert model.status.progress == 0.0
    assert model.reasons[-1] == "at rest: pump1.running is 0"
    assert model.status.state is ModelState.WAITING
    model.rows(with_guide(healthy(400), 1.0))
    model.rows(with_guide(healthy(10) + 100, 0.0))
    assert all(map(math.isnan, model.scores[-10:]))
    assert model.status.score is None


def test_a_gate_may_be_turned_round():
    model = TaughtModel(behind={"gate": "bypass"}, inverted=True)
    model.row([*LEVELS, 1.0])
    model.row([*LEVELS, 0.0])
    assert model.reasons == ["at rest: pump1.bypass is not 0", "learning: 1 of 400 rows"]


def test_a_gate_that_is_bad_suspends_and_says_so():
    model = TaughtModel(behind=RUNNING)
    model.row([*LEVELS, np.nan])
    assert model.reasons == ["at rest: whether it runs is not known: pump1.running is bad"]


def test_a_machine_that_is_not_steady_is_not_learned():
    model = TaughtModel(behind={"steady": "steady"})
    model.row([*LEVELS, 0.0])
    assert model.reasons == ["at rest: pump1.steady is 0"]


def test_in_maintenance_it_rests():
    model = taught()
    model.order("maintain", lasting=100 * SECOND)
    model.rows(healthy(50))
    assert model.reasons[-1] == "at rest: pump1 is in maintenance"
    model.rows(healthy(65))
    assert math.isfinite(model.scores[-1])


def test_it_waits_for_something_to_learn_from_and_says_so_once():
    model = TaughtModel(behind=RUNNING, interval=60)
    model.rows(with_guide(healthy(30), 0.0))
    (waits,) = model.news
    assert (waits.event, waits.time) == ("waiting", 660 * SECOND)
    assert waits.reason == "pump1: waits for something to learn from: pump1.running is 0"
    assert model.status.why == "pump1.running is 0"
    assert model.status.since.time == 60 * SECOND


def test_inputs_that_are_bad_for_long_are_told_too():
    model = TaughtModel(interval=60)
    for _ in range(30):
        model.row([np.nan] * 4, why="pump1.flow has had no value for 60 s")
    assert model.news[0].reason == "pump1: waits for something to learn from: pump1.flow has had no value for 60 s"
    assert model.events == ["waiting"]


def test_a_time_that_held_too_few_rows_goes_on_and_says_so():
    model = TaughtModel(rows=0, span=600 * SECOND, interval=5)
    rows = healthy(400)
    for n in range(121):
        values = rows[n].copy()
        if n % 4:
            values[:] = np.nan
        model.row(values)
    assert "1 %" not in model.reasons[-1]
    assert model.status.progress < 1.0


def test_rows_that_come_seldom_do_not_teach_before_there_are_enough_of_them():
    model = TaughtModel(rows=0, span=60 * SECOND, interval=5)
    model.rows(healthy(49))
    assert model.reasons[-1] == "learning: 100 % of 1 min, but 49 of the 50 rows that are needed"
    model.row(healthy(50)[-1])
    assert model.status.version == 1


def test_the_time_of_a_gap_is_not_learned():
    model = TaughtModel(rows=0, span=1000 * SECOND)
    model.rows(healthy(100))
    model.row(LEVELS, at=5000)
    model.row(LEVELS)
    assert model.status.progress == pytest.approx(100 / 1000)

import math
from dataclasses import replace

import numpy as np
import pytest
from small_engine import SmallEngine, rule
from taught_model import LEVELS, NAMES, SCATTERS, SECOND, TaughtModel, healthy, planned

from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.derivers import Derivers
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import PlannedGroup, PlannedModel
from gatewayd.engine.said import Said
from gatewayd.model import Command, Order, Quality
from gatewayd.models.card import ModelState

HOUR = 3600 * SECOND
RUNNING = {"gate": "running"}


def taught(rows=400, seed=1, **more):
    model = TaughtModel(**({"rows": rows} | more))
    model.rows(healthy(rows, seed))
    return model


def with_guide(rows, *guides):
    return np.column_stack([rows, *(np.broadcast_to(guide, len(rows)) for guide in guides)])


# --- learning -----------------------------------------------------------------------------------------------------


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


# --- bad input ----------------------------------------------------------------------------------------------------


def test_time_that_goes_back_and_rows_that_come_twice_are_passed_over_and_counted():
    model = taught()
    before = model.scores[-1:]
    assert model.row(LEVELS, at=400) is None
    assert model.row(LEVELS, at=399) is None
    assert model.row(LEVELS, at=401) is not None
    assert model.status.passed_over == 2
    assert len(before) == 1


def test_a_channel_without_values_is_left_out_and_the_card_says_so():
    model = TaughtModel(rows=400)
    rows = healthy(800)
    rows[:400, 2] = np.nan
    model.rows(rows[:400])
    card = model.status.versions[0]
    assert card.channels[2].remark == "it had no value in more than half of the rows"
    assert card.doubts == ("pump1.pressure: it had no value in more than half of the rows",)
    assert (model.rows(rows[400:])[20:] < 1.0).all()


def test_a_channel_with_few_values_is_left_out_too():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    rows[150:, 2] = np.nan
    model.rows(rows)
    assert not model.status.versions[0].channels[2].judged


def test_a_channel_that_fails_later_does_not_stop_the_others():
    model = taught()
    rows = healthy(100, seed=2)
    rows[:, 0] = np.nan
    scores = model.rows(rows)
    assert np.isfinite(scores).all()
    assert model.qualities[-1] == Quality.UNCERTAIN
    rows[:, 1] += -10 * SCATTERS[1]
    assert (model.rows(rows)[40:] > 1.0).all()


def test_a_row_that_cannot_be_used_does_not_make_the_score_begin_anew():
    clean, spoilt = taught(), taught()
    for n, row in enumerate(healthy(60, seed=2) + 10 * SCATTERS):
        clean.row(row)
        if n % 3 == 0:
            spoilt.row([np.nan] * 4)
        spoilt.row(row)
    assert spoilt.scores[-1] == clean.scores[-1] > 1.0


def test_absurd_values_spoil_nothing():
    rows = healthy(800)
    rows[::7, 1] = 1e300
    rows[::11, 2] = -1e308
    model = TaughtModel(rows=400)
    model.rows(rows[:400])
    clean = taught()
    assert model.status.versions[0].channels[1].middle == pytest.approx(LEVELS[1], rel=0.1)
    model.rows(rows[400:])
    assert np.isfinite(model.scores[-300:]).all()
    assert clean.status.version == 1


def test_without_half_of_its_channels_there_is_no_score():
    model = taught()
    model.row([np.nan, np.nan, np.nan, LEVELS[3]])
    assert math.isnan(model.scores[-1])
    assert model.reasons[-1] == "no score: pump1.flow is bad"


def test_a_constant_channel_is_no_trouble():
    model = TaughtModel(rows=400)
    rows = healthy(800)
    rows[:, 3] = 7.0
    model.rows(rows[:400])
    assert model.status.versions[0].channels[3].remark == "it never changed"
    assert (model.rows(rows[400:])[20:] < 1.0).all()


def test_channels_that_all_stand_still_are_learned_with_a_doubt_and_not_judged():
    model = TaughtModel(rows=400)
    model.rows(np.tile(LEVELS, (400, 1)))
    assert model.status.doubts == ("no channel has changed while it was learned: there is nothing to judge by",)
    model.row(LEVELS + 1, why="")
    assert model.reasons[-1] == "no score: no channel has changed while it was learned"


def test_spikes_in_what_is_learned_do_not_widen_the_normal():
    rows = healthy(400)
    spiky = rows.copy()
    spiky[::40] *= 5
    clean, spoilt = TaughtModel(rows=400), TaughtModel(rows=400)
    clean.rows(rows)
    spoilt.rows(spiky)
    fault = healthy(100, seed=3) + 12 * SCATTERS
    assert np.median(spoilt.rows(fault)[50:]) > 0.5 * np.median(clean.rows(fault)[50:])


def test_a_fault_in_what_is_learned_makes_it_doubtful():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    rows[260:] += 20 * SCATTERS * np.array([0, -1, 0, 1])
    model.rows(rows)
    (doubt,) = model.status.doubts
    assert doubt.startswith("not one normal: pump1.flow was at 2")
    assert doubt in model.news[-1].reason
    assert model.status.versions[0].spread > 1.0
    model.rows(healthy(10))
    assert model.qualities[-1] == Quality.UNCERTAIN


# --- orders -------------------------------------------------------------------------------------------------------


def test_a_doubtful_version_can_be_accepted():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    rows[200:] += 20 * SCATTERS
    model.rows(rows)
    model.rows(rows[:60])
    model.order("accept", by="anna")
    assert model.status.doubts == ()
    assert model.status.versions[-1].accepted
    assert model.events[-1] == "accepted"
    assert model.news[-1].by == "anna"


def test_there_is_nothing_to_accept_while_nothing_is_seen():
    model = TaughtModel(behind=RUNNING)
    model.order("accept")
    model.rows(with_guide(healthy(500), 1.0))
    model.row([*LEVELS, 0.0])
    model.order("accept")
    assert "accepted" not in model.events
    assert model.status.version == 1


def test_a_doubtful_version_can_be_accepted_while_the_pump_rests():
    rows = healthy(400)
    rows[200:] += 20 * SCATTERS
    model = TaughtModel(behind=RUNNING)
    model.rows(with_guide(rows, 1.0))
    model.row([*LEVELS, 0.0])
    model.order("accept")
    assert (model.status.version, model.status.doubts) == (1, ())


def test_accepting_a_new_state_makes_a_version_about_it():
    model = taught()
    moved = healthy(300, seed=2) + 15 * SCATTERS
    assert (model.rows(moved[:200])[100:] > 1.0).all()
    model.order("accept", by="anna", why="new impeller")
    assert (model.rows(moved[200:])[20:] < 1.0).all()
    card = model.status.versions[-1]
    assert (card.version, card.why, card.accepted) == (2, "ordered by anna: new impeller", True)
    assert model.status.version == 2


def test_while_it_learns_anew_the_old_version_judges():
    model = taught()
    model.order("relearn", by="anna", why="new seal")
    scores = model.rows(healthy(399, seed=2))
    assert np.isfinite(scores).all()
    assert (model.status.version, round(model.status.progress, 2)) == (1, 1.0)
    model.row(healthy(1)[0])
    assert model.status.version == 2
    assert model.status.versions[-1].why == "ordered by anna: new seal"
    assert model.events == ["learning", "learned", "learning", "learned"]


def test_the_last_five_versions_are_kept_and_can_be_had_back():
    model = taught()
    for _ in range(6):
        model.order("relearn")
        model.rows(healthy(400))
    assert [card.version for card in model.status.versions] == [3, 4, 5, 6, 7]
    model.order("rollback", version=4)
    assert model.status.version == 4
    model.order("rollback")
    assert model.status.version == 3
    assert model.events[-1] == "rolled back"
    model.order("rollback", version=99)
    assert model.status.version == 3


def test_a_frozen_model_does_not_adapt():
    frozen, free = taught(), taught()
    frozen.order("freeze", by="anna")
    before = frozen.status.adapted
    drifting = healthy(3000, seed=2) + np.linspace(0, 1.5, 3000)[:, np.newaxis] * SCATTERS
    frozen.rows(drifting)
    free.rows(drifting)
    assert frozen.status.adapted == before
    assert free.status.adapted > 10 * before
    assert frozen.status.frozen
    frozen.order("thaw")
    assert not frozen.status.frozen
    assert frozen.events[-2:] == ["frozen", "thawed"]


def test_adaptation_can_be_turned_off():
    model = taught(adapt=False)
    model.rows(healthy(3000, seed=2) + SCATTERS)
    assert model.status.adapted == 0.0


# --- adaptation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["ramp", "step"])
def test_a_fault_is_not_learned_away(form):
    model = taught()
    size = 40.0 * (np.linspace(0, 1, 6000) if form == "ramp" else np.ones(6000))
    model.rows(healthy(6000, seed=2) + size[:, np.newaxis] * SCATTERS * np.array([0, -1, 0, 0]))
    back = model.rows(healthy(400, seed=3) + 40.0 * SCATTERS * np.array([0, -1, 0, 0]))
    assert (back > 1.0).all()


# --- operating points ---------------------------------------------------------------------------------------------


def at_speed(count, speed, seed=1):
    return with_guide(healthy(count, seed) + (speed / 1000) * 30 * SCATTERS, speed)


def test_each_operating_point_has_a_baseline_of_its_own():
    model = TaughtModel(behind={"point": "speed"}, edges=(1000.0, 2000.0), rows=400)
    model.rows(at_speed(400, 500))
    assert model.status.point == "pump1.speed below 1000 /min"
    assert model.status.version == 1
    model.rows(at_speed(100, 1500))
    assert model.status.state is ModelState.LEARNING
    assert [point.progress for point in model.status.points] == [None, 0.25, 0.0]
    model.rows(at_speed(300, 1500))
    assert [point.version for point in model.status.points] == [1, 2, 0]
    assert [point.point for point in model.status.points] == [
        "pump1.speed below 1000 /min",
        "pump1.speed from 1000 to 2000 /min",
        "pump1.speed from 2000 /min on",
    ]
    for speed in (500, 1500):
        assert (model.rows(at_speed(200, speed, seed=2))[20:] < 1.0).all()


def test_a_gate_that_comes_less_often_does_not_slow_the_model():
    plan = planned(("flow", "pressure"), RUNNING)
    slow = PlannedGroup("pump1", (2,), 10 * SECOND)
    fast = PlannedGroup("pump1", (0, 1), SECOND)
    plan = replace(plan, groups=(fast, slow))
    assert paces(plan)[3] == SECOND
    derivers, said = Derivers(plan, "boot-1"), Said()
    good = np.zeros(2, dtype=np.uint8)
    assert list(derivers.arrived(Derived((2,), SECOND, np.ones(1), good[:1]), said)) == []
    (derived,) = derivers.arrived(Derived((0, 1), 2 * SECOND, np.ones(2), good), said)
    assert derived.reasons["health.pump1"] == "learning: 1 of 400 rows"


def test_an_unknown_operating_point_is_not_judged():
    model = TaughtModel(behind={"point": "speed"}, edges=(1000.0,))
    model.row([*LEVELS, np.nan])
    assert model.reasons == ["at rest: the operating point is not known: pump1.speed is bad"]


# --- restarts -----------------------------------------------------------------------------------------------------


def test_learning_goes_on_after_a_stop():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    model.rows(rows[:300])
    model.stop()
    again = model.again(boot="boot-2", at=5, rows=400)
    assert again.status.progress == 0.75
    again.rows(rows[300:])
    (card,) = again.status.versions
    assert (card.rows, card.begun.boot, card.learned.boot) == (400, "boot-1", "boot-2")
    assert again.events == ["learned"]


def test_learning_goes_on_after_a_crash_with_what_it_knew_ten_minutes_ago_at_most():
    model = TaughtModel(rows=20_000)
    model.rows(healthy(1700))
    assert model.again(rows=20_000).status.progress == pytest.approx(1200 / 20_000, abs=0.001)
    assert model.saves < 10


def test_learning_goes_on_after_a_crash_with_the_last_tenth_that_it_knew():
    model = TaughtModel(rows=1000)
    model.rows(healthy(799))
    assert model.again(rows=1000).status.progress == pytest.approx(0.7)
    assert model.saves == 2 * 7


def test_a_short_span_is_saved_once_a_minute_at_most():
    model = TaughtModel(rows=300)
    model.rows(healthy(299))
    assert model.saves <= 2 * 4
    assert model.again(rows=300).status.progress >= 0.75


def test_what_was_learned_and_adapted_to_is_there_after_a_crash():
    model = taught()
    model.rows(healthy(1300, seed=2) + SCATTERS)
    again = model.again(boot="boot-2", at=1)
    assert again.status.versions == model.status.versions
    assert again.status.version == 1
    assert again.status.adapted == pytest.approx(model.status.adapted, rel=0.5)
    again.rows(healthy(20, seed=4))
    assert np.isnan(again.scores).tolist() == [True] * 11 + [False] * 9
    assert again.reasons[0] == "no score: it begins anew, 1 of 12 rows"


def test_a_frozen_model_stays_so():
    model = taught()
    model.order("freeze")
    again = model.again()
    assert again.status.frozen
    again.rows(healthy(500, seed=2) + SCATTERS)
    assert again.status.adapted == 0.0


def test_other_channels_are_learned_anew_and_that_is_said():
    model = taught()
    again = model.again(names=NAMES[:3])
    again.row(LEVELS[:3])
    assert again.status.versions == ()
    assert again.news[0].reason == "pump1: learns: its table, or the channels that it judges, have changed"


def test_another_way_to_judge_does_not_need_to_learn_anew():
    model = taught()
    again = model.again(sensitive=True, adapt=False)
    assert again.status.version == 1


@pytest.mark.parametrize("damage", [b"", b"\x00", b"nonsense", b"\x92\x01\x90" + b"\xff" * 100])
def test_a_damaged_memory_is_learned_anew_and_executes_nothing(damage):
    model = taught()
    for key, item in list(model.saved.items()):
        if item.data:
            model.saved[key] = type(item)(
                item.stage, item.name, item.definition, damage or item.data[: len(item.data) // 2]
            )
    again = model.again()
    again.row(LEVELS)
    assert again.status.versions == ()
    assert again.news[0].reason == "pump1: learns: what was saved of it cannot be read"


@pytest.mark.parametrize(("columns", "most"), [(4, 60_000), (32, 140_000)])
def test_a_model_is_small_also_while_it_learns_its_seventh_version(columns, most):
    names = tuple(f"a_channel_with_a_name_{n}" for n in range(columns))
    rows = np.random.default_rng(1).normal(size=(1024, columns))
    model = TaughtModel(names=names, rows=1024)
    for _ in range(6):
        model.rows(rows)
        model.order("relearn")
    model.rows(rows[:-1])
    model.stop()
    assert len(model.status.versions) == 5
    assert sum(len(item.data) for item in model.saved.values()) < most


# --- explanation --------------------------------------------------------------------------------------------------


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


# --- in the engine ------------------------------------------------------------------------------------------------


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

"""What people order a model to do, what it follows by itself, and the points at which a machine works."""

from dataclasses import replace

import numpy as np
import pytest
from taught_model import LEVELS, RUNNING, SCATTERS, SECOND, TaughtModel, healthy, planned, taught, with_guide

from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.derivers import Derivers
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import PlannedGroup
from gatewayd.engine.said import Said
from gatewayd.models.card import ModelState


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


@pytest.mark.parametrize("form", ["ramp", "step"])
def test_a_fault_is_not_learned_away(form):
    model = taught()
    size = 40.0 * (np.linspace(0, 1, 6000) if form == "ramp" else np.ones(6000))
    model.rows(healthy(6000, seed=2) + size[:, np.newaxis] * SCATTERS * np.array([0, -1, 0, 0]))
    back = model.rows(healthy(400, seed=3) + 40.0 * SCATTERS * np.array([0, -1, 0, 0]))
    assert (back > 1.0).all()


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

"""What operators can do about models, what they are told, and how they are refused."""

import numpy as np
import pytest
from desk import Desk

from gatewayd.engine.plan import PlannedModel
from gatewayd.model import Order
from gatewayd.operators.requests import RefusedError


def model(numbers, derive):
    inputs = numbers["pressure"], numbers["flow"]
    return PlannedModel(
        "pump", inputs, (derive("health.pump", "1"), derive("health.pump.change", "1")), rows=60, asset="pump1"
    )


@pytest.fixture
def desk():
    desk = Desk(derivers=[model])
    desk.noise = np.random.default_rng(1)
    return desk


def run(desk, rows=100, *, level=3.0):
    """Healthy rows, of which 60 are learned."""
    for _ in range(rows):
        desk.now += 1.0
        pressure, flow = level + 0.05 * desk.noise.normal(), 30 + desk.noise.normal()
        desk.engine.poll(desk.now, pressure=pressure, flow=flow)


def status(desk):
    (found,) = desk.ask("model.status")
    return found


def test_the_state_of_a_model_is_told(desk):
    run(desk, 30)
    assert (status(desk)["state"], status(desk)["version"], status(desk)["learned"]) == ("learning", 0, None)
    run(desk, 50)
    told = status(desk)
    assert (told["state"], told["version"], told["versions"]) == ("judging", 1, [1])
    assert told["score"] < 1.5
    assert told["learned"] == pytest.approx(20, abs=2)


def test_its_card_says_what_was_learned(desk):
    run(desk)
    card = desk.ask("model.card", model="pump")
    assert (card["model"], card["version"], card["in_force"], card["rows"]) == ("pump", 1, True, 60)
    normal = {each["channel"]: each["middle"] for each in card["channels"]}
    assert normal["pump1.pressure"] == pytest.approx(3.0, abs=0.1)
    assert desk.ask("model.card", model="pump", version=1) == card


def test_it_learns_anew_and_what_it_knew_can_be_had_back(desk):
    run(desk)
    (words,) = desk.ask("model.relearn", model="pump", by="anna", why="new impeller")
    assert words == "pump learns anew; version 1 stays in force until then"
    run(desk, level=4.0)
    assert status(desk)["version"] == 2
    assert "anna" in desk.ask("model.card", model="pump")["why"]
    assert "already" in desk.refusal("model.rollback", model="pump", version=2)
    assert desk.refusal("model.rollback", model="pump", version=9) == "pump has no version 9; it has 1, 2"
    (words,) = desk.ask("model.rollback", model="pump")
    assert "version 1 is in force again" in words
    assert status(desk)["version"] == 1


def test_it_is_frozen_and_thawed(desk):
    run(desk)
    assert desk.refusal("model.thaw", model="pump") == "pump is not frozen"
    desk.ask("model.freeze", model="pump", by="anna")
    assert status(desk)["frozen"]
    assert desk.refusal("model.freeze", model="pump") == "pump is frozen already"
    desk.ask("model.thaw", model="pump")
    assert [each.order for each in desk.fed] == [Order.FREEZE, Order.THAW]


def test_the_present_state_is_accepted_when_enough_is_known_of_it(desk):
    run(desk, 61)
    with pytest.raises(RefusedError, match="too few rows"):
        desk.ask("model.accept", model="pump")
    run(desk, 200)
    (words,) = desk.ask("model.accept", model="pump", by="anna")
    assert "accepted as normal" in words
    assert status(desk)["version"] == 2


@pytest.mark.parametrize(
    ("command", "arguments", "why"),
    [
        ("model.relearn", {"model": "pumpe"}, 'no model is called "pumpe"; did you mean "pump"?'),
        ("model.card", {"model": "pump"}, "pump has learned nothing yet"),
        ("model.accept", {"model": "pump"}, "pump has learned nothing yet that could be accepted"),
        ("model.rollback", {"model": "pump"}, "pump has no version before the first one"),
        ("model.rollback", {"model": "pump", "version": -1}, "Expected `int` >= 0"),
        ("model.freeze", {"model": "x"}, 'no model is called "x"; known are: "pump"'),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(desk, command, arguments, why):
    assert why in desk.refusal(command, **arguments)


def test_a_config_without_models_says_so():
    assert Desk().refusal("model.freeze", model="x") == 'no model is called "x"; the config has no models'
    assert Desk().ask("model.status") == []

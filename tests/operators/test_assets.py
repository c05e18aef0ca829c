"""Maintenance of assets: ordered, listed, ended."""

import pytest
from desk import Desk
from small_engine import rule

HIGH = rule("above", high=5.0, name="high", asset="pump1")


@pytest.fixture
def desk():
    return Desk(HIGH, assets={"pump1": ("pump1", "motor1"), "fan": ("fan",)})


def test_an_asset_in_maintenance_raises_nothing_until_it_is_over(desk):
    (words,) = desk.ask("maintenance.on", asset="pump1", seconds=60.0, by="anna")
    assert words == "pump1 is in maintenance: 1 rule of it does not judge, its models learn nothing"
    (told,) = desk.ask("maintenance.list")["maintenance"]
    assert (told["asset"], told["rules"]) == ("pump1", ["high"])
    assert 59.0 < told["left"] <= 60.0
    assert desk.ask("maintenance.off", asset="pump1") == ["pump1 is judged again"]
    assert not desk.ask("maintenance.list")["maintenance"]


def test_an_asset_without_rules_can_be_in_maintenance_too():
    desk = Desk()
    desk.ask("maintenance.on", asset="pump1")
    (told,) = desk.ask("maintenance.list")["maintenance"]
    assert (told["asset"], told["left"], told["rules"]) == ("pump1", None, [])


@pytest.mark.parametrize(
    ("command", "asset", "why"),
    [
        ("maintenance.on", "pmup1", 'no asset is called "pmup1"; did you mean "pump1"?'),
        ("maintenance.on", "motor1", "motor1 is part of the asset pump1: put that into maintenance"),
        ("maintenance.off", "pump1", "pump1 is not in maintenance; in maintenance are: none"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(desk, command, asset, why):
    assert desk.refusal(command, asset=asset) == why


def test_maintenance_that_lasts_too_long_is_refused(desk):
    assert "30d at most" in desk.refusal("maintenance.on", asset="pump1", seconds=1e9)

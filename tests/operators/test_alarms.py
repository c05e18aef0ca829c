"""What operators can do about alarms, what they are told, and how they are refused."""

import pytest
from desk import Desk
from small_engine import ns, rule

from gatewayd.model import Command, Order
from gatewayd.operators.requests import LONGEST

HIGH = rule("above", high=5.0, name="high", latch=True)
LOW = rule("below", "flow", low=1.0, name="low", gate="running")


@pytest.fixture
def desk():
    desk = Desk(HIGH, LOW)
    desk.engine.poll(10, pressure=9.0, flow=2.0, running=1.0)
    desk.now = 15.0
    return desk


def states(desk):
    return [(alarm["rule"], alarm["state"]) for alarm in desk.ask("alarm.list")["alarms"]]


def test_open_alarms_are_listed_with_the_age_of_their_times(desk):
    (alarm,) = desk.ask("alarm.list")["alarms"]
    assert alarm["id"] == desk.engine.alarms[0].id
    assert (alarm["rule"], alarm["state"], alarm["raised"], alarm["since"]) == ("high", "raised", 5.0, 5.0)
    assert alarm["latched"]
    assert "boot" not in alarm


def test_an_acknowledgement_names_who_gave_it(desk):
    (words,) = desk.ask("alarm.ack", rule="high", by="anna", why="on it")
    assert words.endswith("acknowledged by anna (on it)")
    assert states(desk) == [("high", "acknowledged")]
    assert [(each.order, each.subject, each.by, each.why) for each in desk.fed] == [
        (Order.ACKNOWLEDGE, "high", "anna", "on it")
    ]
    assert isinstance(desk.fed[0], Command)


def test_a_shelf_has_an_end_and_can_be_ended_before(desk):
    desk.ask("alarm.shelve", rule="high", seconds=3600.0, by="anna")
    standing = desk.ask("alarm.list")
    assert not standing["alarms"]
    (shelf,) = standing["shelved"]
    assert (shelf["rule"], shelf["by"]) == ("high", "anna")
    assert desk.fed[0].lasting == ns(3600)
    (words,) = desk.ask("alarm.unshelve", rule="high")
    assert "unshelved" in words
    assert not desk.ask("alarm.list")["shelved"]


def test_rules_that_do_not_judge_are_listed_with_the_reason(desk):
    desk.engine.poll(20, pressure=1.0, flow=2.0, running=None)
    (rest,) = desk.ask("alarm.list")["suspended"]
    assert rest["rule"] == "low"
    assert "pump1.running" in rest["reason"]


@pytest.mark.parametrize(
    ("command", "arguments", "why"),
    [
        ("alarm.ack", {"rule": "hihg"}, 'no rule is called "hihg"; did you mean "high"?'),
        ("alarm.ack", {"rule": "x"}, 'no rule is called "x"; known are: "high", "low"'),
        ("alarm.ack", {"rule": "low"}, 'low is not raised; raised are: "high"'),
        ("alarm.ack", {}, "missing required field `rule`"),
        ("alarm.ack", {"rule": 3}, "Expected `str`, got `int`"),
        ("alarm.ack", {"rule": "x" * 500}, "length <= 300"),
        ("alarm.ack", {"rule": "high", "whom": "anna"}, "unknown field `whom`"),
        ("alarm.shelve", {"rule": "high"}, "missing required field `seconds`"),
        ("alarm.shelve", {"rule": "high", "seconds": 0.0}, "say for how long"),
        ("alarm.shelve", {"rule": "high", "seconds": LONGEST + 1.0}, "30d at most"),
        ("alarm.shelve", {"rule": "hgih", "seconds": 60.0}, "did you mean"),
        ("alarm.unshelve", {"rule": "high"}, "high is not shelved; shelved are: none"),
        ("alarm.list", {"all": True}, "unknown field `all`"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(desk, command, arguments, why):
    assert why in desk.refusal(command, **arguments)


def test_what_is_acknowledged_need_not_be_acknowledged_again(desk):
    desk.ask("alarm.ack", rule="high", by="anna")
    assert desk.refusal("alarm.ack", rule="high") == "high has been acknowledged already by anna"


def test_names_that_operators_give_are_kept_to_one_line(desk):
    desk.ask("alarm.ack", rule="high", by="anna\nroot", why="  a\tb " + "x" * 250)
    assert desk.fed[0].by == "anna root"
    assert len(desk.fed[0].why) <= 200


@pytest.mark.parametrize("name", ["by", "why"])
@pytest.mark.parametrize("words", ["a\0b", "\x1b[2Jgone", "a\x7f", "a\x9b31m", "a\u202eb", "\ud800"])
def test_words_that_do_something_to_who_reads_them_are_refused(desk, name, words):
    said = desk.refusal("alarm.ack", rule="high", **{name: words})
    assert said == f"`{name}` has control characters in it: say it in plain words"
    assert not desk.fed


def test_without_rules_an_unknown_one_is_refused_too():
    assert Desk().refusal("alarm.ack", rule="x") == 'no rule is called "x"; the config has no rules'

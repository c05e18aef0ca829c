"""How people read what a reload changes."""

from gatewayd.report.changes import change_lines

NOTHING = {
    "problems": [],
    "tables": [],
    "anew": [],
    "kept": ["pump1"],
    "everything": False,
    "judging": False,
    "uplink": False,
    "metrics": False,
}
HIGH = {"table": "rules.high", "how": "changed", "keys": ["above: 5.0 -> 6.0"], "effect": ""}
BROKER = {"table": "mqtt", "how": "changed", "keys": ["url: 1 -> 2"], "effect": "the broker is connected anew"}
COMES = {"table": "sources.pump2", "how": "added", "keys": [], "effect": ""}


def told(**more):
    return list(change_lines({**NOTHING, **more}))


def test_nothing_has_changed():
    assert told() == [
        "nothing has changed",
        "kept: 1 source with connections and schedules, all that is judged, the connection to the broker",
    ]


def test_tables_come_with_their_keys_and_then_what_begins_anew():
    anew = ["rule high judges anew; an alarm of it is cleared"]
    assert told(tables=[COMES, HIGH, BROKER], anew=anew, judging=True, uplink=True, kept=["a", "b"]) == [
        "added    sources.pump2",
        "changed  rules.high  above: 5.0 -> 6.0",
        "changed  mqtt  url: 1 -> 2  (the broker is connected anew)",
        *anew,
        "kept: 2 sources with connections and schedules, all windows, models and alarms but those named",
    ]


def test_what_begins_anew_is_not_told_without_end():
    lines = told(tables=[HIGH], anew=[f"window {n} fills anew" for n in range(30)], judging=True)
    assert "... and 10 more begin anew" in lines


def test_numbers_alone_may_have_changed():
    assert told(judging=True)[0] == "no table has changed"


def test_another_state_folder_keeps_what_is_on_the_disk():
    assert told(tables=[HIGH], everything=True, judging=True)[-1].startswith("kept: what")

"""What operators read: lists that can be understood without the manual, and a status that stays short."""

from answers import STATUS

from gatewayd.report import alarm_lines, card_lines, lines, model_lines

CAUSE = {"channel": "pump1.flow", "share": 0.61, "value": 20.0}
MODEL = {
    "name": "pump1",
    "channel": "health.pump1",
    "state": "judging",
    "why": "",
    "since": 60.0,
    "point": "",
    "points": [{"point": "", "version": 2, "progress": None}],
    "version": 2,
    "progress": None,
    "score": 0.4231,
    "causes": [CAUSE],
    "adapted": 0.1,
    "frozen": False,
    "doubts": [],
    "versions": [1, 2],
    "passed_over": 0,
    "learned": 93784.0,
}
SHELF = {
    "rule": "high",
    "severity": "warning",
    "since": 60.0,
    "left": 7140.0,
    "by": "anna",
    "reason": "p: shelved for 2 h by anna",
}
ALARM = {
    "id": "1",
    "rule": "low",
    "severity": "critical",
    "state": "returned",
    "about": "sensor",
    "raised": None,
    "reason": "p: back at 3 bar",
    "acknowledged": False,
    "first_out": False,
}


def told(**changes):
    return list(lines({**STATUS, **changes}))


def test_the_status_tells_orders_models_and_what_is_not_judged_in_a_line_each():
    text = told(
        alarms=[ALARM],
        shelved=[SHELF],
        suspended=[
            {"rule": "high", "reason": "shelved", "seconds": 60.0},
            {"rule": "rest", "reason": "pump2 is in maintenance", "seconds": 60.0},
            {"rule": "gated", "reason": "pump1.running is bad", "seconds": None},
        ],
        maintenance=[{"asset": "pump2", "since": 60.0, "left": None, "rules": ["rest"]}],
        models=[MODEL],
    )
    begin = text.index("alarm low (critical, over, to be acknowledged)  p: back at 3 bar")
    assert text[begin + 1 : begin + 5] == [
        "maintenance pump2 until it is ended",
        "shelved high for another 1 h 59 min",
        "not judged gated  pump1.running is bad",
        "model pump1  judging, health 0.4231, version 2",
    ]


def test_the_status_stays_short_whatever_happens():
    many = [{"rule": f"r{n}", "reason": "pump1.running is bad", "seconds": None} for n in range(300)]
    alarms = [{**ALARM, "rule": f"a{n}"} for n in range(300)]
    text = told(alarms=alarms, suspended=many, models=[MODEL] * 100)
    assert len(text) < 50
    assert "  and 292 more: gatewayd alarm list" in text
    assert "  and 92 more: gatewayd model status" in text


def test_the_record_is_told_of_when_there_is_one_or_trouble_with_it():
    on = {"on": True, "bytes": 12_300_000, "inputs": 400, "missed": 3, "failing": "No space left on device"}
    text = told(record=on, evidence={"files": 2, "bytes": 40_000, "without": 1, "failing": "the disk is busy"})
    assert text[-5:-1] == [
        "evidence  of 2 alarms, 0.0 MB; 1 alarms without",
        "evidence  in trouble: the disk is busy",
        "record  12.3 MB, 400 inputs of this run, 3 missed",
        "record  in trouble: No space left on device",
    ]


def test_the_list_of_alarms_has_a_part_for_each_thing():
    answer = {
        "alarms": [ALARM],
        "shelved": [SHELF],
        "suspended": [{"rule": "gated", "reason": "pump1.running is bad", "seconds": 61.0}],
    }
    assert list(alarm_lines(answer)) == [
        "alarm  severity  state                         raised            why",
        "low    critical  over, waits for ack (sensor)  before a restart  p: back at 3 bar".replace(
            "ack (sensor)  b", "ack (sensor)  b"
        ),
        "",
        "shelved  for                 why",
        "high     another 1 h 59 min  shelved for 2 h by anna",
        "",
        "not judged  since          why",
        "gated       1 min 1 s ago  pump1.running is bad",
    ]


def test_models_are_told_with_what_moved_them_only_when_it_matters():
    (heading, calm) = model_lines([MODEL])
    assert heading.split() == ["model", "state", "health", "version", "learned", "drift", "remarks"]
    assert "moved by" not in calm
    assert "2 of 1, 2" in calm
    assert "1 d 2 h ago" in calm
    (_, beyond) = model_lines([{**MODEL, "score": 1.7, "frozen": True, "doubts": ["it drifted"]}])
    assert beyond.endswith("frozen  moved by pump1.flow 61%; it drifted")


def test_operating_points_have_lines_of_their_own():
    points = [
        {"point": "speed below 1000", "version": 2, "progress": None},
        {"point": "above", "version": 0, "progress": 0.5},
    ]
    text = list(model_lines([{**MODEL, "points": points}]))
    assert text[-3:] == [
        "pump1 at          version  learning",
        "speed below 1000  2        -",
        "above             -        50%",
    ]


def test_a_card_says_when_from_what_how_much_and_how_stable():
    channel = {
        "channel": "pump1.flow",
        "unit": "l/min",
        "middle": 30.0,
        "low": 28.0,
        "high": 32.0,
        "judged": True,
        "remark": "",
    }
    card = {
        "model": "pump1",
        "version": 2,
        "point": "",
        "in_force": True,
        "why": "ordered by anna",
        "begun": 90_000.0,
        "learned": 3600.0,
        "rows": 400,
        "seconds": 400.0,
        "passed_over": 3,
        "spread": 0.61,
        "doubts": ["flow was at 20"],
        "accepted": False,
        "channels": [channel, {**channel, "channel": "pump1.x", "judged": False, "remark": "it never changed"}],
    }
    assert list(card_lines(card)) == [
        "model pump1, version 2 (in force)",
        "  made for    ordered by anna",
        "  learned     1 h 0 min ago, begun 1 d 1 h ago",
        "  from        400 rows, 6 min 40 s of healthy running; 3 rows were not fit",
        "  stability   spread 0.61 (1 is the most that counts as one normal)",
        "  doubt       flow was at 20",
        "",
        "channel     normal  from  to  unit   remark",
        "pump1.flow  30      28    32  l/min",
        "pump1.x     -       -     -   l/min  it never changed",
    ]

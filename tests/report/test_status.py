import pytest
from answers import SOURCE, STATUS

from gatewayd.report import lines, span


def test_all_is_well():
    assert list(lines(STATUS)) == [
        "gatewayd 0.1.0   hafen-01   up 1 d 2 h   /etc/gatewayd/gatewayd.toml",
        "",
        "source  plugin     state            polls   failed   missed  last error",
        "pump1   modbus     ok                  12        0        0",
        "pump22  modbus     failing             12        3        0  no answer within 1 s (for 1 min 1 s)",
        "",
        "no alarm is raised",
        "",
        "broker  connected for 1 min 5 s; 40 messages acknowledged, 0 refused, 1 reconnects",
        "outbox  2 messages wait, 1.2 MB; 0 lost, 0 set aside",
        "evidence  of 3 alarms, 0.1 MB",
        "disk  7.0 MB taken of 80 MB at most, 2000 MB free; 75 MB written a day",
    ]


def test_channels_without_a_good_value_are_told_below_their_source():
    bad = {"nothere": "exception 2: illegal data address", "heat": "not a finite number"}
    answer = {**STATUS, "sources": [{**SOURCE, "bad": bad, "bad_count": 9}]}
    assert list(lines(answer))[3:7] == [
        "pump1   modbus     ok                  12        0        0",
        "  pump1.nothere bad: exception 2: illegal data address",
        "  pump1.heat bad: not a finite number",
        "  pump1: 7 more channels are bad",
    ]


def test_waveforms_with_flaws_are_told_below_their_source():
    answer = {**STATUS, "sources": [{**SOURCE, "flawed": {"x": "is clipped", "y": "has gaps"}}]}
    assert list(lines(answer))[4:6] == ["  pump1.x is clipped", "  pump1.y has gaps"]


def test_an_error_that_is_over_has_its_age():
    source = {**SOURCE, "last_error": "no answer within 1 s", "last_error_age": 185.2}
    row = list(lines({**STATUS, "sources": [source]}))[3]
    assert row.endswith("no answer within 1 s (3 min 5 s ago)")


CALCULATION = {
    "name": "bearing.drive_end",
    "plugin": "gatewayd",
    "state": "ok",
    "count": 1200,
    "failed": 0,
    "passed_over": 0,
    "mean_ms": 2.345,
    "longest_ms": 14.04,
    "last_error": "",
}


def test_what_is_computed_outside_the_engine_is_told_if_there_is_any():
    stuck = "still computing after 10 s"
    sludge = {
        **CALCULATION,
        "name": "pump1.acceleration.tank.sludge(2)",
        "state": "stuck",
        "count": 1,
        "failed": 1,
        "passed_over": 7,
        "mean_ms": None,
        "longest_ms": None,
        "last_error": stuck,
    }
    answer = {**STATUS, "sources": [], "calculations": [CALCULATION, sludge], "abandoned": {"tank": 2}}
    assert list(lines(answer))[4:9] == [
        "calculation                        state         done   failed passed over   mean ms longest ms  last error",
        "bearing.drive_end                  ok            1200        0           0       2.3       14.0",
        "pump1.acceleration.tank.sludge(2)  stuck            1        1           7" + 23 * " " + stuck,
        "  calls of tank that began before a reload and have not ended: 2",
        "",
    ]


def test_trouble_is_told():
    alarm = {
        "rule": "overpressure",
        "severity": "critical",
        "state": "raised",
        "acknowledged": False,
        "reason": "pump1.pressure: 6.2 bar, above 6 bar",
    }
    uplink = {**STATUS["uplink"], "connected": False, "last_error": "connection refused"}
    outbox = {**STATUS["outbox"], "failing": "the disk is full", "unstored": 4}
    answer = {**STATUS, "problems": ["g.toml:3:1: wrong"], "alarms": [alarm], "uplink": uplink, "outbox": outbox}
    text = "\n".join(lines(answer))
    assert "  config problem: g.toml:3:1: wrong" in text
    assert "alarm overpressure (critical)  pump1.pressure: 6.2 bar, above 6 bar" in text
    assert "broker  away for 1 min 5 s: connection refused; 40 messages acknowledged" in text
    assert "outbox  in trouble: the disk is full; 4 messages sent from memory" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600 * 5.5, "5 h 30 min"), (86400 * 400, "400 d 0 h")],
)
def test_a_span_has_two_units(seconds, words):
    assert span(seconds) == words


def test_bearings_are_told_with_what_is_judged_of_them():
    verdict = {"bearing": "drive_end", "reason": "drive_end: outer race in 4 of 5 windows, lines at 107.4 Hz (BPFO)"}
    text = list(lines({**STATUS, "verdicts": [verdict]}))
    assert "bearing drive_end: outer race in 4 of 5 windows, lines at 107.4 Hz (BPFO)" in text


def test_what_a_device_says_of_itself_is_told_below_its_source():
    answer = {**STATUS, "sources": [{**SOURCE, "about": {"model": "SDM120", "serial": "4711"}}]}
    assert "  pump1 is model SDM120, serial 4711" in list(lines(answer))


def test_a_source_that_is_read_less_often_is_told_with_the_reason():
    slowed = {"interval": 1.0, "every": 3.25, "takes": 0.912}
    answer = {**STATUS, "sources": [{**SOURCE, "slowed": [slowed]}]}
    said = "  pump1 takes 0.91 s: read every 3.25 s instead of 1 s, for the sake of others on its line"
    assert said in list(lines(answer))


def test_a_clock_that_nobody_vouches_for_is_told():
    def told(state):
        return [line for line in lines({**STATUS, "clock": state}) if line.startswith("clock")]

    assert told("synchronized") == []
    assert told("set") == ["clock  set, but no time service vouches for it"]
    assert told("unset") == ["clock  not set: messages have no times, `gatewayd doctor` says what to do"]


def test_a_broker_that_takes_no_more_for_now_is_told():
    answer = {**STATUS, "uplink": {**STATUS["uplink"], "throttled": True}}
    counts = "40 messages acknowledged, 0 refused, 1 reconnects"
    assert f"broker  connected for 1 min 5 s, but takes no more for now; {counts}" in lines(answer)

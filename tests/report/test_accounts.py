from answers import SOURCE, STATUS

from gatewayd.report import lines
from gatewayd.report.accounts import accounts

ACCOUNT = SOURCE["accounts"]
OWN = {"pid": 4711, "memory": 45_600_000, "failures": 2}


def told(*sources, **plugins):
    return list(accounts(plugins or {"modbus": ACCOUNT}, sources, 100.0))


def test_the_report_of_everything_has_them():
    report = list(lines({**STATUS, "plugins": {"modbus": ACCOUNT}}))
    assert report[6].startswith("accounts  calls")
    assert report[7].startswith("modbus    13")
    assert report[8] == ""


def test_each_plugin_has_a_row():
    tank = {**ACCOUNT, "calls": 0, "seconds": 0.0, "longest": 0.0, "memory": 1_234_567, "growth": -30_000}
    assert told(SOURCE, modbus={**ACCOUNT, "seconds": 0.26}, tank=tank) == [
        "accounts  calls  failed  ms a call  longest ms  over 20 ms  time    memory",
        "modbus    13     3       20.00      12.0        0           0.26 %",
        "tank      0      3                  0.0         0           0.00 %  1.23 MB (-0.03)",
    ]


def test_sources_that_hold_the_event_loop_or_grow_are_named():
    slow = {**ACCOUNT, "holds": 3, "longest": 0.25, "memory": 9_000_000, "growth": 4_200_000}
    assert told({**SOURCE, "accounts": slow})[2:] == [
        "  pump1 held the event loop for over 20 ms 3 times, 250 ms at most",
        "  pump1 has grown by 4.2 MB",
    ]


def test_processes_are_told_with_what_they_take():
    slow = {**ACCOUNT, "holds": 1, "longest": 0.03}
    sources = [{**SOURCE, "process": OWN, "accounts": slow}, {**SOURCE, "name": "pump2", "process": OWN}]
    assert told(*sources)[2:] == [
        "  pump1 held its own process for over 20 ms once, 30 ms at most",
        "  process 4711 of pump1, pump2 takes 46 MB, after 2 that failed",
    ]

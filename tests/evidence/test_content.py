"""What a file says: of which sources, what is normal of them, and what is left out when it would be too large."""

import csv
import zipfile
from io import BytesIO, StringIO

import msgspec
import numpy as np
from taught_model import TaughtModel, healthy

from gatewayd.clock import Dating
from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup
from gatewayd.evidence.case import Case
from gatewayd.evidence.content import contents
from gatewayd.evidence.facts import Facts
from gatewayd.evidence.ring import Row
from gatewayd.model import Burst, Kind
from gatewayd.records import Alarm, AlarmState, Cause, Severity, Stamp

SECOND = 1_000_000_000
GOOD = np.zeros(2, dtype=np.uint8)
PLAN = Plan(
    (
        PlannedChannel("pump1.flow", "l/min", "pump1"),
        PlannedChannel("pump1.pressure", "bar", "pump1"),
        PlannedChannel("pump2.flow", "l/min", "pump2"),
        PlannedChannel("pump2.pressure", "bar", "pump2"),
        PlannedChannel("pump1.sound", "m/s2", "pump1", Kind.WAVEFORM),
    ),
    (PlannedGroup("pump1", (0, 1), SECOND), PlannedGroup("pump2", (2, 3), SECOND), PlannedGroup("pump1", (4,), SECOND)),
)
FACTS = Facts("site", "1", "abc", PLAN, {}, 10 * SECOND, 5 * SECOND)


def alarm(*causes):
    at = Stamp("b", 10 * SECOND)
    return Alarm(
        boot="b",
        rule="low",
        channel="pump1.flow",
        state=AlarmState.RAISED,
        severity=Severity.INFO,
        time=at.time,
        since=at,
        raised=at,
        value=1.0,
        limit=2.0,
        unit="l/min",
        reason="pump1.flow: low",
        causes=causes,
    )


def case(of, models=(), **more):
    rows = [Row((0, 1), n * SECOND, np.array([n, 0.5]), GOOD, {}) for n in range(14)]
    rows += [Row((2, 3), n * SECOND, np.array([-n, 0.25]), GOOD, {}) for n in range(5, 20)]
    return Case(of, 0, 15 * SECOND, FACTS.sources(of), rows, more.get("before", {}), models, Dating(), complete=True)


def read(data):
    with zipfile.ZipFile(BytesIO(data)) as file:
        table = list(csv.DictReader(StringIO(file.read("values.csv").decode())))
        return msgspec.json.decode(file.read("evidence.json")), table, file.namelist()


def test_values_of_other_sources_are_no_part_of_it():
    told, table, _ = read(next(contents(case(alarm()), FACTS)))
    assert table[0].keys() == {"time", "pump1.flow", "pump1.pressure"}
    assert [row["pump1.flow"] for row in table] == [repr(float(n)) for n in range(14)]
    assert told["channels"]["pump1.flow"]["value"] == 10.0, "at the time of the alarm, not later"


def test_a_source_that_has_moved_a_score_is_a_part_of_it():
    told, table, _ = read(next(contents(case(alarm(Cause(channel="pump2.flow", share=0.7))), FACTS)))
    assert table[7]["pump2.flow"] == "-7.0"
    assert table[7]["pump1.flow"] == "7.0"
    assert table[15]["pump1.flow"] == ""
    assert told["alarm"]["causes"][0]["channel"] == "pump2.flow"


def test_rows_of_one_time_that_contradict_each_other_are_all_there():
    twice = case(alarm())
    twice.rows = [Row((0, 1), SECOND, np.array([value, 0.0]), GOOD, {}) for value in (1.0, 2.0)]
    _, table, _ = read(next(contents(twice, FACTS)))
    assert [(row["time"], row["pump1.flow"]) for row in table] == [("1.000000000", "1.0"), ("1.000000000", "2.0")]


def test_what_is_too_large_comes_without_waveforms_and_then_with_its_own_channel_alone():
    burst = Burst(4, 0, 1000.0, np.ones(100))
    whole, smaller, smallest = contents(case(alarm(), before={4: burst}), FACTS)
    assert len(whole) > len(smaller) > len(smallest)
    assert read(whole)[2] == ["evidence.json", "values.csv", "waveforms/pump1.sound.before.npz"]
    assert read(smaller)[2] == ["evidence.json", "values.csv"]
    assert read(smallest)[1][0].keys() == {"time", "pump1.flow"}


def test_what_a_model_calls_normal_stands_beside_each_channel():
    model = TaughtModel(("flow", "pressure"))
    model.rows(healthy(450, names=("flow", "pressure")))
    told, _, _ = read(next(contents(case(alarm(), [model.status]), FACTS)))
    normal = told["channels"]["pump1.flow"]["normal"]
    assert normal["low"] < normal["middle"] < normal["high"]
    assert told["models"] == [], "it is no alarm of the model"


def test_the_model_whose_score_it_is_is_told_of():
    model = TaughtModel(("flow", "pressure"))
    model.rows(healthy(450, names=("flow", "pressure")))
    own = msgspec.structs.replace(alarm(Cause(channel="pump1.flow", share=1.0)), channel="health.pump1")
    (told,) = read(next(contents(case(own, [model.status]), FACTS)))[0]["models"]
    assert (told["name"], told["version"], told["rows"]) == ("pump1", 1, 400)

"""What is kept of an alarm: what came before and after it, what it was judged by, and when it is written."""

import asyncio
import csv
import json
import math
import threading
import zipfile
from dataclasses import replace
from io import BytesIO, StringIO

import msgspec
import numpy as np
import pytest
from sample_records import ALARM
from small_engine import ns, rule
from structlog.testing import capture_logs
from watched_engine import BUDGET, watched

from gatewayd import clock
from gatewayd.engine.plan import Plan, PlannedAlarms, PlannedChannel, PlannedFormula
from gatewayd.evidence import Facts, exported, kept, writer
from gatewayd.evidence import evidence as module
from gatewayd.evidence.folder import Folder
from gatewayd.model import Polled, Quality
from gatewayd.replay.recording import CsvRecording

HIGH = rule("above", high=5.0, name="high")


def rows(path, name="values.csv"):
    """A table of a file of evidence."""
    with zipfile.ZipFile(path) as file:
        return list(csv.DictReader(StringIO(file.read(name).decode())))


async def test_values_from_before_to_after_the_alarm_are_kept(tmp_path):
    async with watched(tmp_path, HIGH, before=10, after=5) as engine:
        engine.polls([1.0] * 30 + [9.0] * 30, flow=2.5)
    (one,) = kept(tmp_path)
    values = rows(one.path)
    pressures = [float(row["pump1.pressure"]) for row in values]
    assert pressures == [1.0] * 10 + [9.0] * 6
    assert {row["pump1.flow"] for row in values} == {"2.5"}
    assert {row["pump1.running"] for row in values} == {""}
    (told,) = engine.files()
    assert told["complete"]
    assert told["alarm"]["rule"] == "high"
    assert told["alarm"]["reason"] == engine.alarms[0].reason
    assert told["alarm"]["id"] == engine.alarms[0].id == one.id
    assert told["config"] == "abc"
    assert told["channels"]["pump1.pressure"]["value"] == 9.0
    assert told["rule"]["high"] == 5.0


async def test_what_came_before_a_reload_is_kept_under_the_channels_new_numbers(tmp_path):
    async with watched(tmp_path, HIGH, before=10, after=5) as engine:
        engine.polls([1.0] * 20 + [9.0] * 2, flow=2.5)
        before, channels = engine.evidence._facts, engine.plan.channels
        pressure, flow = channels[:2]
        groups = replace(engine.plan.groups[0], channels=(1, 0))
        plan = replace(engine.plan, channels=(flow, pressure, *channels[3:]), groups=(groups,), rules=())
        engine.evidence.turn_to(replace(before, plan=plan, digest="def"), BUDGET)
        for at in range(22, 30):
            engine.evidence.put(Polled(0, ns(at), np.array([8.0, 3.0]), np.zeros(2, dtype=np.uint8)))
    values = rows(kept(tmp_path)[0].path)
    assert [float(row["pump1.pressure"]) for row in values] == [1.0] * 10 + [9.0] * 2 + [8.0] * 4
    assert {row["pump1.flow"] for row in values} == {"2.5", "3.0"}
    (told,) = engine.files()
    assert (told["complete"], told["config"]) == (True, "def")


async def test_an_alarm_at_which_the_power_is_cut_has_what_came_before(tmp_path):
    async with watched(tmp_path, HIGH) as engine:
        engine.polls([1.0] * 20 + [9.0])
        engine.evidence._pending.clear()
    (told,) = engine.files()
    assert not told["complete"]
    assert len(rows(kept(tmp_path)[0].path)) == 11


async def test_what_is_pending_at_a_stop_is_written_as_it_is(tmp_path):
    async with watched(tmp_path, HIGH, after=60) as engine:
        engine.polls([1.0] * 20 + [9.0] * 3)
    assert not engine.files()[0]["complete"]
    assert len(rows(kept(tmp_path)[0].path)) == 13


async def test_bad_values_are_kept_with_their_reasons(tmp_path):
    async with watched(tmp_path, HIGH) as engine:
        engine.poll(0, pressure=1.0, flow=None, reasons={"flow": "exception 2"})
        engine.poll(1, pressure=1.0, flow=(3.0, Quality.UNCERTAIN))
        engine.fail(2)
        engine.poll(3, pressure=9.0, flow=1.0)
    (one,) = kept(tmp_path)
    assert [row["pump1.flow"] for row in rows(one.path)] == [
        "bad: exception 2",
        "3.0",
        "bad: no answer within 1 s",
        "1.0",
    ]
    flaws = [(each["channel"], each["quality"], each["count"]) for each in engine.files()[0]["flaws"]]
    assert ("pump1.flow", "uncertain", 1) in flaws
    assert ("pump1.pressure", "bad", 1) in flaws


async def test_features_are_kept_beside_values(tmp_path):
    async with watched(tmp_path, rule("above", "pressure.rms", high=5.0), window=4) as engine:
        engine.polls([1.0] * 10 + [9.0] * 10)
    (one,) = kept(tmp_path)
    assert float(rows(one.path, "derived.csv")[0]["pump1.pressure.rms"]) == 1.0
    assert engine.files()[0]["channels"]["pump1.pressure.rms"]["derived"]


async def test_the_last_waveform_before_and_the_first_one_after_are_kept(tmp_path):
    async with watched(tmp_path, HIGH, bursts=("rms",)) as engine:
        for second in range(40):
            engine.poll(second, pressure=9.0 if second >= 20 else 1.0)
            engine.burst(second + 0.5, np.full(8, second, dtype=np.float64))
    (one,) = kept(tmp_path)
    told = {each["when"]: each for each in engine.files()[0]["waveforms"]}
    with zipfile.ZipFile(one.path) as file:
        waves = {when: np.load(BytesIO(file.read(each["file"])), allow_pickle=False) for when, each in told.items()}
        assert {when: wave["values"][0] for when, wave in waves.items()} == {"before": 19.0, "after": 20.0}
        assert waves["before"]["rate"] == 1000.0
    assert told["before"]["channel"] == "pump1.acceleration"


async def test_only_what_concerns_the_alarm_is_kept(tmp_path):
    async with watched(tmp_path, HIGH) as engine:
        engine.polls([9.0])
    assert set(engine.files()[0]["channels"]) == {"pump1.pressure", "pump1.flow", "pump1.running"}


async def test_an_alarm_that_goes_on_is_no_new_case(tmp_path):
    async with watched(tmp_path, rule("above", high=5.0, name="high", latch=True)) as engine:
        engine.polls([9.0, 1.0, 9.0, 1.0])
        engine.order(5, "ack", "high")
    assert len(engine.files()) == 1


async def test_a_flood_has_evidence_of_what_is_told_and_a_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PENDING", 3)
    many = [rule("above", high=5.0, name=f"r{n}") for n in range(10)]
    async with watched(tmp_path, *many) as engine:
        engine.polls([1.0] * 10 + [9.0] * 20)
        assert len(engine.evidence._pending) == 0
    files = engine.files()
    assert len(files) == 10
    assert sum(each["complete"] for each in files) == 3


async def test_memory_is_bounded_by_the_budget_and_what_came_before_is_not_given_up(tmp_path):
    async with watched(tmp_path, HIGH, max_size=80_000, before=20, after=60) as engine:
        engine.polls([1.0] * 100 + [9.0])
        engine.polls([9.0] * 60, start=101.0)
        ring = engine.evidence._ring
        assert ring._size <= 20_000
        engine.tick(300)
    (told,) = engine.files()
    assert not told["complete"], "the file with what came before stays, for there was no room for more"
    assert len(rows(kept(tmp_path)[0].path)) == 21


async def test_times_are_dates_where_the_clock_is_set_else_seconds(tmp_path, monkeypatch):
    for offset, folder in ((1_800_000_000_000_000_000, tmp_path / "a"), (None, tmp_path / "b")):
        monkeypatch.setattr(clock, "wall_offset", lambda offset=offset: offset)
        async with watched(folder, HIGH) as engine:
            engine.polls([1.0, 9.0], start=7.0)
        (one,) = kept(folder)
        table = rows(one.path)
        if offset is None:
            assert table[0]["time"] == "7.000000000"
        else:
            assert table[0]["datetime"] == "2027-01-15T08:00:07.000000Z"
        exported(one.path, folder / "out")
        with CsvRecording(folder / "out" / "values.csv") as recording:
            assert recording.heading.columns.keys() == {"pump1.pressure", "pump1.flow", "pump1.running"}


async def test_the_sources_of_an_asset_belong_together(tmp_path):
    async with watched(tmp_path, rule("above", high=5.0, name="high", asset="unit")) as engine:
        engine.polls([9.0])
        facts = engine.evidence._facts
        assert facts.sources(engine.alarms[0]) == {"pump1"}
        of_unit = Facts("s", "1", "d", engine.plan, {"unit": ("pump1", "motor")}, ns(1), ns(1))
        assert of_unit.sources(engine.alarms[0]) == {"pump1", "motor"}


def test_the_sources_that_a_channel_is_made_of_belong_to_its_alarms():
    names = {"pump1.a": "pump1", "motor.b": "motor", "fan.c": "fan", "calculated.d": "pump1", "calculated.e": "pump1"}
    channels = tuple(PlannedChannel(name, "", source) for name, source in names.items())
    derivers = (PlannedFormula("d", (0, 1), (3,), ("$0", "$1", "-")), PlannedFormula("e", (3,), (4,), ("$0",)))
    facts = Facts("s", "1", "d", Plan(channels, (), derivers=derivers), {}, ns(1), ns(1))
    made = {name: facts.sources(msgspec.structs.replace(ALARM, channel=name, causes=())) for name in names}
    assert made["calculated.e"] == made["calculated.d"] == {"pump1", "motor"}
    assert made["pump1.a"] == {"pump1"}


async def test_hundreds_of_alarms_at_once_have_evidence_or_are_counted(tmp_path):
    many = [rule("above", high=5.0, name=f"r{n}") for n in range(200)]
    async with watched(tmp_path, *many, alarms=PlannedAlarms(flood=1000)) as engine:
        engine.polls([1.0] * 10 + [9.0])
        assert len(engine.evidence._pending) <= module.PENDING
        assert engine.evidence._writer._cases.qsize() <= writer.MOST
        engine.polls([9.0] * 10, start=11.0)
    assert len(engine.alarms) == 200
    files = engine.files()
    assert len(files) >= writer.MOST
    assert len({each["alarm"]["id"] for each in files}) == len(files)
    assert len(files) + engine.evidence.status().without >= 200


async def test_an_alarm_in_the_first_second_has_what_there_is(tmp_path):
    async with watched(tmp_path, HIGH, before=60, after=5) as engine:
        engine.polls([9.0] * 10)
    (told,) = engine.files()
    assert told["complete"]
    assert len(rows(kept(tmp_path)[0].path)) == 6


async def test_a_disk_that_cannot_be_written_is_told_once_and_counted(tmp_path, monkeypatch):
    def full(self, alarm, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "put", full)
    with capture_logs() as logs:
        async with watched(tmp_path, HIGH) as engine:
            engine.polls([1.0, 9.0] * 5, every=20.0)
    assert [log["event"] for log in logs] == ["evidence_left_out"]
    assert engine.evidence.status().without == 10
    assert "No space" in engine.evidence.status().failing


async def test_a_bug_costs_the_evidence_of_one_alarm_and_is_told(tmp_path, monkeypatch):
    contents = writer.contents

    def buggy(case, facts):
        if case.alarm.rule == "high":
            raise RuntimeError("nobody thought of that")
        return contents(case, facts)

    monkeypatch.setattr(writer, "contents", buggy)
    with capture_logs() as logs:
        async with watched(tmp_path, HIGH, rule("above", high=7.0, name="higher"), after=100) as engine:
            engine.polls([1.0, 6.0, 8.0])
    assert [one.rule for one in kept(tmp_path)] == ["higher"]
    assert isinstance(logs[0]["exc_info"], RuntimeError)
    assert logs[0]["reason"] == "a bug of gatewayd: RuntimeError('nobody thought of that')"


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), RuntimeError("nobody thought of that")])
@pytest.mark.parametrize("what", ["figures", "look"])
async def test_what_fails_after_a_file_is_written_costs_no_alarm_its_evidence_and_is_told_once(
    tmp_path, monkeypatch, what, error
):
    def fails(self):
        raise error

    monkeypatch.setattr(Folder if what == "figures" else writer.Redating, what, fails)
    with capture_logs() as logs:
        async with watched(tmp_path, HIGH) as engine:
            engine.polls([1.0, 9.0] * 5, every=20.0)
    assert len(kept(tmp_path)) == 5
    assert (engine.evidence.status().without, engine.evidence.status().failing) == (0, "")
    assert [log["event"] for log in logs] == ["evidence_not_looked_after"]


async def test_that_evidence_is_looked_after_again_is_told(tmp_path, monkeypatch):
    figures, errors = Folder.figures, iter([OSError(5, "Input/output error")])

    def fails_once(self):
        if error := next(errors, None):
            raise error
        return figures(self)

    monkeypatch.setattr(Folder, "figures", fails_once)
    with capture_logs() as logs:
        async with watched(tmp_path, HIGH) as engine:
            engine.polls([1.0, 9.0] * 5, every=20.0)
    assert [log["event"] for log in logs] == ["evidence_not_looked_after", "evidence_looked_after_again"]
    assert engine.evidence.status().files == 5


async def test_nothing_in_a_file_can_be_executed(tmp_path):
    async with watched(tmp_path, HIGH, bursts=("rms",)) as engine:
        engine.burst(0, np.ones(8))
        engine.polls([1.0, 9.0])
    (one,) = kept(tmp_path)
    with zipfile.ZipFile(one.path) as file:
        assert {name.rpartition(".")[2] for name in file.namelist()} == {"json", "csv", "npz"}
        json.loads(file.read("evidence.json"))
        np.load(BytesIO(file.read("waveforms/pump1.acceleration.before.npz")), allow_pickle=False)["values"]
    with pytest.raises(KeyError):
        rows(one.path, "nothing.csv")


async def test_waveforms_that_pending_alarms_hold_are_bounded(tmp_path):
    many = [rule("above", high=float(n), name=f"r{n}") for n in range(10)]
    async with watched(tmp_path, *many, bursts=("rms",), max_size=80_000, after=100) as engine:
        for second in range(40):
            engine.burst(second, np.full(1000, second, dtype=np.float64))
            engine.poll(second, pressure=second / 4 + 0.1)
            assert sum(case.weight for case in engine.evidence._pending) <= 20_000
    assert len(engine.files()) == 10


async def test_a_disk_that_is_stuck_holds_no_more_alarms_in_memory(tmp_path, monkeypatch):
    goes_on, put = threading.Event(), Folder.put
    monkeypatch.setattr(Folder, "put", lambda *given: (goes_on.wait(10), put(*given)))
    monkeypatch.setattr(writer, "STUCK", -1.0)
    async with watched(
        tmp_path, rule("above", high=5.0, name="high"), rule("above", high=6.0, name="higher")
    ) as engine:
        engine.poll(0, pressure=5.5)
        while not engine.evidence._writer._begun < math.inf:
            await asyncio.sleep(0.01)
        engine.poll(1, pressure=9.0)
        assert "busy" in engine.evidence.status().failing
        goes_on.set()
    assert engine.evidence.status().without >= 1

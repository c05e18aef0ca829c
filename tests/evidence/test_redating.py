"""Evidence that was written before the clock was set, or while it was wrong, is dated when it is set."""

import asyncio
import os
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from small_engine import rule
from watched_engine import watched

from gatewayd import clock
from gatewayd.clock import Dating
from gatewayd.evidence import kept, opened, writer
from gatewayd.evidence.folder import Folder
from gatewayd.evidence.redating import Redating, redated

HIGH = rule("above", high=5.0, name="high")
YEAR_2027 = Dating(1_800_000_000_000_000_000, vouched=True)
WRONG = Dating(1_700_000_000_123_456_000)
NEVER = Dating()


@pytest.fixture
def machine(monkeypatch):
    """The clock of the machine, as it is set."""

    class Machine:
        boot, dating = "this boot", NEVER

    monkeypatch.setattr(clock, "boot", lambda: Machine.boot)
    monkeypatch.setattr(clock, "dating", lambda: Machine.dating)
    return Machine


async def written(folder, machine, dating, boot="this boot", start=7.0):
    """What a gateway keeps of an alarm, with flaws and a waveform's worth of everything, while the clock is so."""
    machine.boot, machine.dating = boot, dating
    async with watched(folder, HIGH) as engine:
        engine.polls([1.0, float("nan"), 9.0], start=start)
    return [file.path.read_bytes() for file in kept(folder)]


def parts(data):
    with zipfile.ZipFile(BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.parametrize("before", [NEVER, WRONG, replace(YEAR_2027, vouched=False)])
async def test_what_is_redated_is_as_if_it_had_been_written_later(tmp_path, machine, before):
    (early,) = await written(tmp_path / "early", machine, before)
    (late,) = await written(tmp_path / "late", machine, YEAR_2027)
    assert parts(redated(early, YEAR_2027)) == parts(late)
    assert redated(late, YEAR_2027) is None
    assert b"2027-01-15T08:00:07.000000Z" in parts(late)["values.csv"]


async def test_all_evidence_of_this_boot_is_redated_and_that_of_earlier_ones_stays(tmp_path, machine):
    await written(tmp_path, machine, WRONG, boot="earlier boot")
    await written(tmp_path, machine, NEVER)
    await written(tmp_path, machine, WRONG, start=17.0)
    redating = Redating(Folder(tmp_path, 10_000_000))
    machine.dating = YEAR_2027
    redating.look()
    told = [opened(file.path) for file in kept(tmp_path)]
    assert [each["clock"] for each in told] == ["set", "synchronized", "synchronized"]
    assert told[0]["alarm"]["time"].startswith("2023-11-14")
    times = [each["alarm"]["time"] for each in told[1:]]
    assert times == ["2027-01-15T08:00:09.000000Z", "2027-01-15T08:00:19.000000Z"]
    machine.dating = replace(YEAR_2027, offset=YEAR_2027.offset - 7_200_000_000_000)
    redating.look()
    assert opened(kept(tmp_path)[1].path)["alarm"]["time"] == "2027-01-15T06:00:09.000000Z"


async def test_files_are_not_written_again_for_less_than_a_second_or_when_the_time_service_falls_silent(
    tmp_path, machine
):
    await written(tmp_path, machine, YEAR_2027)
    redating = Redating(Folder(tmp_path, 10_000_000))
    before = kept(tmp_path)[0].path.stat().st_mtime_ns
    redating.look()
    machine.dating = Dating(YEAR_2027.offset + 900_000_000, vouched=True)
    redating.look()
    machine.dating = Dating(YEAR_2027.offset, vouched=False)
    redating.look()
    assert kept(tmp_path)[0].path.stat().st_mtime_ns == before


async def test_a_damaged_file_stays_and_keeps_nothing_from_the_others(tmp_path, machine):
    await written(tmp_path, machine, NEVER)
    await written(tmp_path, machine, NEVER, start=17.0)
    newest = kept(tmp_path)[1].path
    newest.write_bytes(newest.read_bytes()[:100])
    machine.dating = YEAR_2027
    Redating(Folder(tmp_path, 10_000_000)).look()
    assert opened(kept(tmp_path)[0].path)["clock"] == "synchronized"
    assert newest.stat().st_size == 100


async def test_a_disk_that_refuses_is_tried_again(tmp_path, machine, monkeypatch):
    await written(tmp_path, machine, NEVER)
    redating = Redating(Folder(tmp_path, 10_000_000))
    machine.dating = YEAR_2027

    def refuses(*_):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuses)
        redating.look()
    assert opened(kept(tmp_path)[0].path)["clock"] == "unset"
    redating.look()
    assert opened(kept(tmp_path)[0].path)["clock"] == "synchronized"


async def test_the_writer_looks_at_the_clock_while_there_is_nothing_to_write(tmp_path, machine, monkeypatch):
    monkeypatch.setattr(writer, "LOOK", 0.01)
    await written(tmp_path, machine, NEVER)
    async with watched(tmp_path, HIGH) as engine:
        machine.dating = YEAR_2027
        async with asyncio.timeout(10):
            while engine.files()[0]["clock"] != "synchronized":
                await asyncio.sleep(0.005)

"""Whatever happened to the files of the state folder, a gateway starts on it and everything works, without a hand."""

import random
import shutil

import pytest
from damages import damage
from effort import effort
from small_engine import ns
from state_folder import Run, copied, recorded
from structlog.testing import capture_logs

from gatewayd.evidence import kept

FEW = 16


@pytest.fixture
async def sound(tmp_path):
    """A state folder as a kill leaves it: with a log beside the outbox."""
    run = Run(tmp_path / "used")
    await run.run()
    assert [alarm.rule for alarm in run.alarms] == ["high"]
    assert recorded(run.folder) == [ns(second) for second in range(5)]
    assert len(kept(run.folder / "evidence")) == 1
    run = Run(run.folder)
    run.outbox.open()
    run.outbox.put(run.engine.engine.restore((), 0))
    killed = copied(run.folder, tmp_path / "killed")
    await run.outbox.close()
    return killed


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def works(folder, seed):
    """A run on it: everything is stored, delivered, recorded, kept."""
    run = Run(folder)
    with capture_logs() as logs:
        await run.run(begin=100)
    assert [alarm.rule for alarm in run.alarms] == ["high"], seed
    assert recorded(folder)[-5:] == [ns(second) for second in range(100, 105)], seed
    assert run.alarms[0].id in {each.id for each in kept(folder / "evidence")}, seed
    assert not run.recorder.status().failing, seed
    assert not run.engine.evidence.status().failing, seed
    assert not run.outbox.status().failing, seed
    return {entry["event"] for entry in logs}


async def damaged_and_working(sound, folder, seed):
    """Damage one file, or some; give what was logged by the run on it."""
    dice = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    copied(sound, folder)
    there = files(folder)
    for path in dice.sample(there, dice.choice([1, 1, 1, 2, len(there)])):
        damage(dice, path)
    return await works(folder, seed)


async def test_damaged_files_never_keep_a_gateway_from_working(sound, tmp_path):
    found = set()
    for seed in range(FEW):
        found |= await damaged_and_working(sound, tmp_path / "damaged", seed)
    assert "outbox_set_aside" in found


@pytest.mark.campaign
async def test_a_thousand_damages_never_keep_a_gateway_from_working(sound, tmp_path):
    found = {}
    for seed in range(effort(1000, 50)):
        for event in await damaged_and_working(sound, tmp_path / "damaged", seed):
            found[event] = found.get(event, 0) + 1
    assert {"outbox_set_aside", "state_set_aside"} <= set(found)

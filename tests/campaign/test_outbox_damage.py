"""Damage by the thousand: an outbox always opens and works, and what it still gives is what was put."""

import asyncio
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from damages import KINDS
from effort import effort
from outboxes import PATIENCE, alarm, content, opened, readings, stored, summary, urgent
from structlog.testing import capture_logs

from gatewayd.records import EpochBegun, Loss, Saved
from gatewayd.uplink.outbox.database import PAGE

pytestmark = pytest.mark.campaign

DAMAGES = effort(1000, 100)
MEMORY = Path("/dev/shm")
PUT = [make(number) for number in range(40) for make in (alarm, summary, readings)]
LOG = "-wal"


@pytest.fixture
async def sound(tmp_path):
    """The files of an outbox as a kill leaves them, with rows in the database and in its log; and its epoch."""
    path = tmp_path / "outbox.db"
    async with opened(path) as outbox:
        outbox.put(urgent(*PUT[:60], saved=[Saved("rules", "a", "x", b"state")]))
        await stored(outbox)
    async with opened(path) as outbox:
        outbox.put(urgent(*PUT[60:]))
        await stored(outbox)
        yield {suffix: path.with_name(path.name + suffix).read_bytes() for suffix in ("", LOG)}, outbox.epoch


async def test_no_damage_keeps_an_outbox_from_working_or_makes_it_give_what_was_not_put(sound, tmp_path, note):
    files, epoch = sound
    assert min(map(len, files.values())) > 2 * PAGE
    found = Counter()
    for seed in range(DAMAGES):
        folder = (MEMORY if MEMORY.is_dir() else tmp_path) / f"damage-{tmp_path.name}"
        folder.mkdir()
        try:
            damage(random.Random(seed), files, folder / "outbox.db")
            with capture_logs() as logs:
                same_epoch = await works(folder / "outbox.db", epoch, seed)
            events = [entry["event"] for entry in logs]
            set_aside = bool(list(folder.glob("outbox.db.damaged-*")))
            assert set_aside == ("outbox_set_aside" in events), seed
            assert not (set_aside and same_epoch), seed
            found["set aside"] += set_aside
            found["spoilt rows"] += "outbox_row_spoilt" in events
            found["garbled epoch"] += not set_aside and not same_epoch
        finally:
            shutil.rmtree(folder)
    assert found["set aside"] > DAMAGES / 10
    assert found["spoilt rows"]
    assert not found["garbled epoch"]
    note(f"{DAMAGES} damages, all opened and working: {dict(found)}")


def damage(dice, files, path):
    kind, where = dice.choice(KINDS), dice.choice(["", "", LOG])
    for suffix, sound in files.items():
        data = bytearray(sound)
        if suffix == where:
            kind(dice, data)
        path.with_name(path.name + suffix).write_bytes(data)


async def works(path, epoch, seed):
    """Open it, have a row stored and everything delivered; whether its epoch is the one that was put into."""
    async with opened(path) as outbox:
        outbox.put(urgent(summary(999)))
        rows = await drained(outbox)
        assert 999 in content(rows)["summary"], seed
        assert all(row.record in [*PUT, summary(999)] or isinstance(row.record, Loss | EpochBegun) for row in rows), (
            seed
        )
        same_epoch = outbox.epoch == epoch
    async with opened(path) as outbox:
        assert not content(await drained(outbox)), seed
    return same_epoch


async def drained(outbox):
    """Acknowledge rows until none waits: spoilt ones turn into losses, which are rows as well."""
    rows = []
    async with asyncio.timeout(PATIENCE):
        await stored(outbox)
        while outbox.status().waiting:
            if (row := outbox._delivery.next()) is None:
                await stored(outbox)
            else:
                rows.append(row)
                outbox.acked(row)
    return rows

"""An outbox that gets another size while it is open."""

import asyncio

from outboxes import MB, alarm, opened, readings, stored, urgent

from gatewayd.uplink.outbox.database import reserve_size
from gatewayd.uplink.row import MessageClass

ROW = 10_000
SMALL = MB


async def filled(outbox, count, first=0):
    """Put so many readings of 10 kB."""
    for number in range(first, first + count):
        outbox.put(urgent(readings(number, size=ROW)))
        await stored(outbox)


def kept(outbox):
    return outbox.status().classes[MessageClass.READINGS].waiting


async def test_a_smaller_one_lets_the_oldest_go_at_once_and_counts_them(tmp_path):
    async with opened(tmp_path / "outbox", 4 * MB) as outbox:
        outbox.put(urgent(alarm(1)))
        await filled(outbox, 200)
        assert kept(outbox) == 200
        outbox.resize(SMALL)
        await stored(outbox)
        status = outbox.status()
        assert status.bytes <= SMALL
        assert 50 < kept(outbox) < 100
        assert status.lost == 200 - kept(outbox)
        assert status.classes[MessageClass.EVENT].waiting >= 1, "events go last"


async def test_a_larger_one_takes_more(tmp_path):
    async with opened(tmp_path / "outbox", SMALL) as outbox:
        await filled(outbox, 60)
        outbox.resize(4 * MB)
        await filled(outbox, 140, first=60)
        assert (kept(outbox), outbox.status().lost) == (200, 0)


async def test_its_reserve_follows(tmp_path):
    async with opened(tmp_path / "outbox", SMALL) as outbox:
        await stored(outbox)
        outbox.resize(8 * MB)
        await stored(outbox)
        await asyncio.sleep(0)
        assert (tmp_path / "outbox.reserve").stat().st_size == reserve_size(8 * MB)


async def test_a_size_that_comes_before_the_disk_lets_it_open_holds_afterwards(tmp_path, monkeypatch):
    async with opened(tmp_path / "outbox", 4 * MB) as outbox:
        await filled(outbox, 5)
        (tmp_path / "outbox").unlink()
        outbox.resize(SMALL)
        await filled(outbox, 200, first=5)
        assert outbox.status().bytes <= SMALL
        assert kept(outbox) < 100

"""What an outbox takes of the disk stays within its budget, part by part."""

import pytest
from outboxes import MB, alarm, opened, readings, stored, summary, urgent

from gatewayd.uplink.outbox import database, reserve

SIZE = 2 * MB


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(reserve, "PATIENCE", 0.0)


def taken(path):
    """The bytes of each part, as the budget calls them."""
    sizes = {each.name.removeprefix(path.name): each.stat().st_size for each in path.parent.iterdir()}
    return {
        "outbox": sizes.get("", 0),
        "outbox_log": sizes.get("-wal", 0),
        "outbox_reserve": sizes.get(".reserve", 0),
        "outbox_damaged": sum(size for name, size in sizes.items() if name.startswith(".damaged")),
    }


def check(path):
    budget, there = database.budget(SIZE), taken(path)
    assert {part: size for part, size in there.items() if size > budget[part]} == {}, budget
    return there


async def test_a_flood_that_fills_it_many_times_over(tmp_path):
    path = tmp_path / "outbox.db"
    async with opened(path, SIZE) as outbox:
        for number in range(0, 2000, 100):
            outbox.put(urgent(*(readings(n, 9000) for n in range(number, number + 100)), summary(number)))
            if number % 400 == 0:
                await stored(outbox)
            check(path)
        await stored(outbox)
        assert check(path)["outbox"] > SIZE * 0.8


async def test_one_commit_as_large_as_memory_lets_it_be(tmp_path):
    path = tmp_path / "outbox.db"
    async with opened(path, SIZE) as outbox:
        for _ in range(5):
            outbox.put(urgent(*(readings(n, 1000) for n in range(400)), alarm(1)))
            await stored(outbox)
            check(path)


async def test_damaged_ones_are_kept_as_far_as_there_is_room_for_them(tmp_path):
    path = tmp_path / "outbox.db"
    for number in range(4):
        path.write_bytes(bytes([number]) * (SIZE // 2 + MB))
        async with opened(path, SIZE):
            check(path)
    assert [each.name for each in path.parent.glob("*damaged*")] == ["outbox.db.damaged-4"]

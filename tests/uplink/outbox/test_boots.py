"""How boots are dated: the wall clock as it was last known, and whether a time service vouched for it."""

import json
import sqlite3

import msgspec
import pytest
import structlog
from outboxes import MB, opened, stored, summary, take_all, until, urgent

from gatewayd import clock
from gatewayd.clock import ClockState, Dating
from gatewayd.uplink import payload
from gatewayd.uplink.outbox.boots import MOST, Boots
from gatewayd.uplink.outbox.store import Predecessor, Store

HOUR = 3_600_000_000_000


class Machine:
    """A machine whose clock and time service are ours."""

    def __init__(self, monkeypatch):
        self.boot, self.offset, self.vouched = "first boot", 1_800_000_000_000_000_000, False
        monkeypatch.setattr(clock, "boot", lambda: self.boot)
        monkeypatch.setattr(clock, "wall_offset", lambda: self.offset)
        monkeypatch.setattr(clock, "synchronized", lambda: self.vouched)


@pytest.fixture
def machine(monkeypatch):
    return Machine(monkeypatch)


@pytest.fixture
def boots():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE boot (id TEXT PRIMARY KEY, wall_offset INTEGER NOT NULL)")
    return reopened(connection)


def reopened(connection):
    boots = Boots(connection)
    boots.load()
    return boots


def noted(boots):
    """What a commit does; gives how the next start finds the boot dated."""
    boots.remember(boots.note())
    return reopened(boots._connection).datings.get(clock.boot(), Dating())


def test_a_clock_that_was_never_set_leaves_nothing_to_note(boots, machine):
    machine.offset = None
    assert not boots.moved(0)
    assert noted(boots).state is ClockState.UNSET


def test_a_clock_that_is_set_and_then_vouched_for_is_noted_twice_and_no_more(boots, machine):
    machine.offset = None
    assert boots.note() is None
    machine.offset = 5 * HOUR
    assert noted(boots) == Dating(5 * HOUR, vouched=False)
    machine.vouched = True
    assert boots.moved(HOUR)
    assert noted(boots) == Dating(5 * HOUR, vouched=True)
    assert boots.note() is None


@pytest.mark.parametrize("step", [-2 * HOUR, 2 * HOUR])
def test_a_step_of_ntp_either_way_is_noted_with_its_word(boots, machine, step):
    noted(boots)
    machine.offset, machine.vouched = machine.offset + step, True
    assert noted(boots) == Dating(machine.offset, vouched=True)


def test_a_time_service_that_falls_silent_leaves_what_it_vouched_for(boots, machine):
    machine.vouched = True
    noted(boots)
    machine.vouched = False
    assert not boots.moved(0)
    machine.offset += 5_000_000  # two clocks are read one after the other: the system was busy
    assert noted(boots) == Dating(machine.offset, vouched=True)


def test_a_clock_that_is_set_by_hand_after_that_is_nobodys(boots, machine):
    machine.vouched = True
    noted(boots)
    machine.offset, machine.vouched = machine.offset + HOUR, False
    assert noted(boots) == Dating(machine.offset, vouched=False)


def test_each_boot_keeps_its_own(boots, machine):
    machine.vouched = True
    first = noted(boots)
    machine.boot, machine.offset, machine.vouched = "second boot", 3 * HOUR, False
    second = noted(boots)
    assert reopened(boots._connection).datings == {"first boot": first, "second boot": second}
    assert (first.state, second.state) == (ClockState.SYNCHRONIZED, ClockState.SET)


def test_the_oldest_boots_are_forgotten(boots, machine):
    machine.vouched = True
    for number in range(MOST + 3):
        machine.boot = f"boot {number}"
        boots.remember(boots.note())
    kept = reopened(boots._connection).datings
    assert len(kept) == MOST
    assert "boot 2" not in kept
    assert all(dating.vouched for dating in kept.values())
    assert boots._connection.execute("SELECT count(*) FROM vouched").fetchone() == (MOST,)


def test_the_log_tells_when_the_clock_is_set_vouched_for_and_stepped(boots, machine):
    with structlog.testing.capture_logs() as logs:
        noted(boots)
        machine.offset = None
        boots = reopened(boots._connection)
        machine.boot = "second boot"
        noted(boots)
        machine.offset = 5 * HOUR
        noted(boots)
        noted(boots)
        machine.vouched = True
        noted(boots)
        machine.offset -= HOUR
        noted(boots)
    assert logs == [
        {"event": "clock_set", "log_level": "info", "clock": "set"},
        {"event": "clock_set", "log_level": "info", "clock": "synchronized"},
        {"event": "clock_stepped", "log_level": "warning", "by": -3600.0, "clock": "synchronized"},
    ]


def test_an_outbox_of_an_earlier_version_is_read_and_stays_readable_for_it(tmp_path, machine):
    path = tmp_path / "outbox.db"
    Store.begin(path, 4 * MB, "first start", Predecessor())[0].close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE vouched")
        connection.execute("INSERT INTO boot VALUES ('long ago', 7)")
    connection.close()
    store = Store.open(path, 4 * MB)
    assert store.boots.datings["long ago"] == Dating(7, vouched=False)
    store.close()
    with sqlite3.connect(path) as connection:
        assert dict(connection.execute("SELECT id, wall_offset FROM boot"))["long ago"] == 7
    connection.close()


async def test_a_clock_that_ntp_sets_late_is_noted_though_nothing_else_is_to_be_stored(tmp_path, machine, monkeypatch):
    monkeypatch.setattr("gatewayd.uplink.outbox.writer.BEAT", 0.01)
    path = tmp_path / "outbox.db"
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        await stored(outbox)
        machine.offset, machine.vouched = machine.offset + HOUR, True
        before = outbox.status().commits
        await until(lambda: outbox.status().commits > before)
        assert outbox.dating("first boot").state is ClockState.SYNCHRONIZED
    machine.boot, machine.vouched = "second boot", False
    async with opened(path) as outbox:
        assert outbox.dating("first boot") == Dating(machine.offset, vouched=True)
        assert outbox.dating("second boot") == Dating(machine.offset, vouched=False)
        assert outbox.dating("never heard of") == Dating()


def sent(outbox, row):
    """The times of a summary as they would be sent now."""
    message = json.loads(payload.encode(row, "site", outbox.dating)[1])
    return message["start"], message["clock"]


async def test_what_was_measured_before_the_clock_was_set_is_sent_with_the_times_that_it_has_since(tmp_path, machine):
    machine.offset = None
    record = msgspec.structs.replace(summary(1), boot="first boot", start=7_000_000_000)
    async with opened(tmp_path / "outbox.db") as outbox:
        outbox.put(urgent(record))
        (row,) = [row for row in await take_all(outbox) if row.record == record]
        assert sent(outbox, row) == (None, "unset")
        machine.offset = 1_750_000_000_000_000_000
        assert sent(outbox, row) == ("2025-06-15T15:06:47.000Z", "set")
        machine.offset, machine.vouched = 1_800_000_000_000_000_000, True
        assert sent(outbox, row) == ("2027-01-15T08:00:07.000Z", "synchronized")
        await stored(outbox)
    machine.boot, machine.offset, machine.vouched = "second boot", None, False
    async with opened(tmp_path / "outbox.db") as outbox:
        assert sent(outbox, row) == ("2027-01-15T08:00:07.000Z", "synchronized"), "as it was in its own boot"

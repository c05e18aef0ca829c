"""What was learned of a device outlives a restart; whatever else is in its place is forgotten."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from modbus_device import Asker, FakeBus, right
from modbus_source import configured

from gatewayd.testing import simulate
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.learning.experience import DAY, Experience
from gatewayd_plugins.modbus.learning.memory import MOST_FINDINGS, recall, remembered
from gatewayd_plugins.modbus.learning.silence import Patience
from gatewayd_plugins.modbus.planning.requests import Request

REGISTERS = [*range(70), *range(90, 140)]


def device():
    return Asker(FakeBus(wrong={20, 80}, longest=64), REGISTERS)


async def learned():
    asker = device()
    for _ in range(5):
        await asker.poll()
    return asker.device.memory()


def test_after_a_restart_nothing_is_refused_that_was_refused_before():
    async def restart():
        asker = device()
        asker.device.recall(await learned())
        values = await asker.poll()
        return values, asker.spans

    values, spans = simulate(restart())
    assert values == right(REGISTERS, {20})
    assert spans == [(0, 20), (21, 49), (90, 50), (20, 1)]


def test_a_source_remembers_what_its_device_has():
    source = configured(channels={"a": "holding:1"})
    assert source.memory() == b""
    source.recall(b"anything")
    assert source.memory() == b""


def test_nothing_learned_is_nothing_to_remember():
    assert remembered(Experience(), Patience(1.0), 0.0) == b""


def test_what_is_remembered_is_seldom_another_while_nothing_is_learned():
    experience, patience = Experience(), Patience(1.0)
    experience.refused(Request(Table.HOLDING, 5, 1), 2, 0.0)
    experience.bounded(Table.HOLDING, 60, 0.0)
    memories = set()
    for second in range(1, 3600, 60):
        patience.answered(0.02 + second % 7 * 0.001)
        memories.add(remembered(experience, patience, float(second)))
    assert len(memories) <= 2, "within an hour"


def test_it_is_small_however_much_is_refused():
    experience = Experience()
    for n in range(3000):
        experience.refused(Request(Table.HOLDING, 60000 + n, 100), 2, 0.0)
        experience.barred(Request(Table.INPUT, 60000 + n, 100), 2, 0.0)
    assert len(remembered(experience, Patience(1.0), 0.0)) < 64 * 1024
    assert len(experience.values) > MOST_FINDINGS


def restored(memory):
    experience, patience = Experience(), Patience(1.0)
    recall(memory, experience, patience, 1000.0)
    return experience, patience


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_up_or_forgotten(memory):
    restored(memory)


@given(st.integers(0, 200), st.integers(0, 255), st.integers(0, 200))
def test_damaged_memories_never_hurt(place, byte, cut):
    memory = bytearray(simulate(learned()))
    if place < len(memory):
        memory[place] = byte
    experience, patience = restored(bytes(memory[:cut] if cut < len(memory) else memory))
    assert 0 <= patience.slowest <= 60
    for each in (*experience.values.values(), *experience.holes.values(), *experience.bounds.values()):
        assert 1000.0 <= each.until <= 1000.0 + DAY


def test_what_another_version_remembered_is_forgotten():
    fields = msgspec.msgpack.decode(simulate(learned()))
    assert restored(msgspec.msgpack.encode(fields))[0].values
    fields[0] += 1
    assert not restored(msgspec.msgpack.encode(fields))[0].values

"""A device that answers late, twice, cut or not at all while it is learned, written to, and changed for another."""

import asyncio

import pytest
from effort import campaign, effort
from modbus_mischief import ADDRESSES, URLS, WRITE_ONE, Rogue, plugged_in
from modbus_source import Reader, configured

from gatewayd.plugin import SourceError
from gatewayd.testing import simulate

HALF_A_DAY = 43200
TEN_MINUTES = 600
SETPOINT = 60
MANY = range(100, 100 + effort(200, 8))
FEW = range(2)


@pytest.mark.parametrize("scheme", ["rtu", "tcp", *campaign("ascii")])
def test_nothing_wrong_is_believed_and_nothing_right_is_lost_for_good(scheme):
    for seed in FEW:
        simulate(live(seed, scheme))


@pytest.mark.campaign
@pytest.mark.parametrize("scheme", ["rtu", "ascii", "tcp"])
def test_of_many_devices_nothing_wrong_is_believed_and_nothing_right_is_lost_for_good(scheme):
    for seed in MANY:
        simulate(live(seed, scheme))


async def live(seed, scheme):
    """A device is read, set and learned at its worst, then quietly; then another one is in its place."""
    first, second = Rogue(seed, scheme), Rogue(-seed - 1, scheme)
    registers = first.dice.sample(ADDRESSES, first.dice.choice([4, 12, 30]))
    channels = {"number": "holding:0", **{f"h{n}": f"holding:{n}" for n in registers}}
    channels["setpoint"] = {"register": f"holding:{SETPOINT}", "write": [0, 10_000]}
    source = configured(URLS[scheme], channels, timeout="200ms")
    await at_its_worst(first, source)
    await at_rest(first, source, registers)
    another = configured(URLS[scheme], channels, timeout="200ms")
    another.recall(source.memory())
    await at_rest(second, another, registers)


async def at_its_worst(rogue, source):
    with plugged_in(rogue.slave):
        reader = Reader(source)
        for value in range(rogue.dice.choice([10, 40, 80])):
            await read(reader, rogue)
            if rogue.dice.random() < 0.2:
                await set_to(reader, rogue, value)
            await asyncio.sleep(rogue.dice.choice([0.05, 0.3, 0.6, TEN_MINUTES]))
        await reader.close()


async def at_rest(rogue, source, registers):
    """Whatever was learned, after a day only what the device does not have is bad."""
    rogue.is_calm = True
    bad = {f"h{n}" for n in rogue.wrong & set(registers)}
    with plugged_in(rogue.slave):
        reader = Reader(source)
        for _ in range(3 * HALF_A_DAY // TEN_MINUTES):
            asked_before = len(rogue.slave.requests)
            values = await read(reader, rogue)
            await asyncio.sleep(TEN_MINUTES)
        await reader.close()
    assert values is not None
    assert {name for name, value in values.items() if isinstance(value, str)} == bad
    if rogue.refuses_nothing:
        assert len(rogue.slave.requests) == asked_before + 1, "a limit that it does not have"


async def read(reader, rogue):
    """One poll: every value is one that the device has, and answered to a request of this very poll."""
    asked_before = len(rogue.slave.requests)
    values = await reader.values()
    if isinstance(values, str):
        return None
    given = {name: value for name, value in values.items() if not isinstance(value, str)}
    number = given.pop("number", None)
    if number is not None:
        assert asked_before < number <= len(rogue.slave.requests), "an old value"
        assert rogue.slave.requests[int(number) - 1][2:4] == b"\0\0", "a value of another register"
    setpoint = given.pop("setpoint", None)
    assert setpoint in {None, rogue.written.get(SETPOINT, 1000 + SETPOINT)}
    assert given == {name: 1000 + int(name[1:]) for name in given}
    return values


async def set_to(reader, rogue, value):
    """A write is sent once at most, and what is told to be set is set."""
    asked_before = len(rogue.slave.requests)
    try:
        await reader.source.write("setpoint", value)
    except SourceError:
        await reader.recover()
    else:
        assert rogue.written[SETPOINT] == value
    writes = [request for request in rogue.slave.requests[asked_before:] if request[1] == WRITE_ONE]
    assert len(writes) <= 1

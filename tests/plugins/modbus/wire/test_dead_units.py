"""A unit that is dead costs its neighbours on a serial line little, and no neighbour's value is ever its."""

import asyncio

from fake_field import FakeField
from modbus_rtu import Slave, on_converter
from modbus_source import configured, reading
from modbus_time import simulate_with_sockets

from gatewayd_plugins.modbus.wire.bus import STILL

CHANNELS = {"h5": "holding:5"}


def test_the_line_is_not_kept_quiet_for_a_unit_that_is_never_late():
    async def fail(times):
        took = []
        async with on_converter(Slave(unit1="good", unit2="silent")) as url:
            one, dead = (configured(url, CHANNELS, unit=unit) for unit in (1, 2))
            async with reading(one) as neighbour, reading(dead, neighbour.bus) as reader:
                for _ in range(times):
                    await neighbour.values()
                    begun = asyncio.get_running_loop().time()
                    await reader.values()
                    took.append(round(asyncio.get_running_loop().time() - begun))
        return took

    assert simulate_with_sockets(fail(STILL + 3)) == [2] * STILL + [1] * 3


def test_for_a_unit_that_is_late_it_is_kept_quiet_again():
    async def fail():
        took = []
        slave = Slave(unit1="good", unit2="silent")
        async with on_converter(slave) as url:
            one, late = (configured(url, CHANNELS, unit=unit) for unit in (1, 2))
            async with reading(one) as neighbour, reading(late, neighbour.bus) as reader:
                for failure in range(6):
                    if failure == 1:
                        slave.modes[2] = lambda _request, answer: [1.5, answer]
                    assert await neighbour.values() in ({"h5": 1005}, "no answer within 1 s")
                    begun = asyncio.get_running_loop().time()
                    await reader.values()
                    took.append(round(asyncio.get_running_loop().time() - begun, 1))
        return took

    assert all(took > 1.5 for took in simulate_with_sockets(fail()))


def test_a_unit_that_was_quick_and_died_costs_a_fraction_of_its_time_out():
    field = simulate_with_sockets(a_unit_that_dies())
    neighbour = field.status("unit1")
    assert (neighbour.failed + neighbour.missed) / (neighbour.polls + neighbour.missed) <= 0.03
    assert {polled.values[0] for polled in field.answered("unit1")} == {1005}


async def a_unit_that_dies():
    slave = Slave(unit1="good", unit2="good")
    async with on_converter(slave) as url:
        sources = {f"unit{unit}": configured(url, CHANNELS, unit=unit) for unit in (1, 2)}
        field = FakeField(sources, interval=1.0)
        asyncio.get_running_loop().call_later(20, slave.modes.__setitem__, 2, "silent")
        return await field.run(120)

"""Modbus sources as the gateway runs them: on schedule, on shared lines, next to dead and lying neighbours."""

import asyncio
import math
import random
import struct
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from fake_field import FakeField
from modbus_rtu import Slave, on_converter
from modbus_source import configured
from modbus_tcp import tcp_device
from modbus_time import simulate_with_sockets
from ports import free_port
from pump_device import pump_device
from structlog.testing import capture_logs

from gatewayd.plugin import Quality
from gatewayd.sources import State


def lost(status):
    """The share of the polls due that had no answer."""
    return (status.failed + status.missed) / (status.polls + status.missed)


def test_a_dead_device_costs_its_neighbour_on_the_line_a_tenth_of_its_polls_at_most():
    field = simulate_with_sockets(next_to_a_silent_device())
    assert field.status("unit2").state is State.QUARANTINED
    assert field.status("unit2").last_error == "no answer within 1 s"
    assert len(field.answered("unit1")) > 270
    assert lost(field.status("unit1")) <= 0.1
    assert {polled.values[0] for polled in field.answered("unit1")} == {1005}


async def next_to_a_silent_device():
    async with on_converter(Slave(unit1="good", unit2="silent")) as url:
        sources = {f"unit{unit}": configured(url, {"h5": "holding:5"}, unit=unit) for unit in (1, 2)}
        return await FakeField(sources, interval=1.0).run(300)


def test_a_device_that_a_gateway_calls_dead_costs_its_neighbours_no_more_than_a_silent_one():
    field = simulate_with_sockets(next_to_a_device_that_is_called_dead())
    assert field.status("unit2").state is State.QUARANTINED
    assert "exception 11" in field.status("unit2").last_error
    assert lost(field.status("unit1")) <= 0.1


async def next_to_a_device_that_is_called_dead():
    async def gateway(asked):
        if asked.unit == 1:
            return asked.answer()
        await asyncio.sleep(0.9)
        return asked.answer(body=bytes([0x83, 11]))

    async with tcp_device(gateway) as url:
        sources = {f"unit{unit}": configured(url, {"h5": "holding:5"}, unit=unit) for unit in (1, 2)}
        return await FakeField(sources, interval=1.0).run(300)


def test_late_and_lost_answers_never_become_values_of_others():
    field = simulate_with_sockets(two_moody_devices())
    seen = {(name, *polled.values) for name in ("unit1", "unit2") for polled in field.answered(name)}
    assert seen == {("unit1", 1010, 1300), ("unit1", 1600), ("unit2", 2010, 2300), ("unit2", 2600)}


async def two_moody_devices():
    moods = random.Random(7)

    def moody(_request, answer):
        return [answer] if moods.random() < 0.8 else [moods.uniform(0, 1.0), answer] if moods.random() < 0.7 else []

    channels = {"h10": "holding:10", "h300": "holding:300", "h600": {"register": "holding:600", "interval": "500ms"}}
    async with on_converter(Slave(unit1=moody, unit2=moody)) as url:
        sources = {f"unit{unit}": configured(url, channels, unit=unit, timeout="200ms") for unit in (1, 2)}
        return await FakeField(sources, interval=0.3).run(120)


def test_each_channel_is_read_as_often_as_it_says():
    asked = []
    field = simulate_with_sockets(with_two_intervals(asked))
    counts = Counter(polled.group for polled in field.polled("pump"))
    assert counts == {0: 10, 1: 50}
    assert Counter((each.address, each.count) for each in asked) == {(5, 4): 10, (6, 1): 50}
    assert field.status("pump").missed == 0


async def with_two_intervals(asked):
    channels = {"slow": "holding:5", "fast": {"register": "holding:6", "interval": "200ms"}, "also": "holding:8"}
    async with tcp_device(lambda each: each.answer(), asked) as url:
        return await FakeField({"pump": configured(url, channels)}, interval=1.0).run(9.9)


def test_polls_that_a_slow_device_leaves_no_time_for_are_counted():
    field = simulate_with_sockets(with_a_slow_device())
    status = field.status("pump")
    assert (status.failed, status.state) == (0, State.OK)
    last_begun = 9.0  # a poll takes 0.5 s, and the one that is under way at the end is not counted
    assert status.polls + status.missed == pytest.approx(last_begun / 0.2 + 1, abs=1)
    assert status.missed > status.polls


async def with_a_slow_device():
    async def slow(asked):
        await asyncio.sleep(0.5)
        return asked.answer()

    async with tcp_device(slow) as url:
        return await FakeField({"pump": configured(url, {"h5": "holding:5"})}, interval=0.2).run(10)


async def test_what_a_device_refuses_is_bad_with_its_reason_and_the_source_is_well():
    def device(asked):
        return asked.answer(body=b"\x83\x02") if asked.address == 500 else asked.answer()

    async with tcp_device(device) as url:
        source = configured(url, {"h5": "holding:5", "far": "holding:500"})
        field = await first_poll(FakeField({"pump": source}))
    polled, *_ = field.polled("pump")
    assert not polled.failed
    assert polled.values[0] == 5
    assert polled.qualities.tolist() == [Quality.GOOD, Quality.BAD]
    assert polled.reasons == {"far": "exception 2: illegal data address"}
    assert field.status("pump").state is State.OK


async def test_numbers_that_are_none_reach_the_engine_as_they_are():
    values = struct.pack(">fff", math.nan, math.inf, 2.5)
    channels = {f"f{n}": {"register": f"holding:{2 * n}", "type": "float32"} for n in range(3)}
    async with tcp_device(lambda asked: asked.answer(body=b"\x03\x0c" + values)) as url:
        field = await first_poll(FakeField({"pump": configured(url, channels)}))
    polled, *_ = field.polled("pump")
    assert math.isnan(polled.values[0])
    assert polled.values[1:].tolist() == [math.inf, 2.5]
    assert polled.qualities.tolist() == [Quality.GOOD] * 3


async def test_a_device_that_went_away_is_read_again_when_it_is_back():
    rows, port = [[float(n)] for n in range(10_000)], free_port()
    source = configured(f"tcp://127.0.0.1:{port}", {"f": {"register": "holding:0", "type": "float32"}})
    field = FakeField({"pump": source}, interval=0.02)
    async with AsyncExitStack() as device:
        with capture_logs() as logs:
            await device.enter_async_context(pump_device(iter(rows), width=1, port=port))
            async with field.running():
                await until(lambda: field.answered("pump"))
                await device.aclose()
                await until(lambda: field.polled("pump")[-1].failed)
                await until(lambda: "Connection refused" in field.status("pump").last_error)
                before = len(field.answered("pump"))
                await device.enter_async_context(pump_device(iter(rows), width=1, port=port))
                await until(lambda: len(field.answered("pump")) > before + 2)
    events = [each["event"] for each in logs if each["log_level"] != "debug"]
    told = {event: events.count(event) for event in events}
    assert set(told) <= {"line_failed", "line_recovered", "source_failed", "source_recovered"}
    assert set(told.values()) == {1}
    assert told.get("line_failed") == told.get("line_recovered")
    assert told.get("source_failed") == told.get("source_recovered")


async def test_a_gateway_that_hung_up_between_polls_and_is_away_is_one_failure_for_all_who_use_it():
    async with AsyncExitStack() as device:
        url = await device.enter_async_context(tcp_device(lambda asked: asked.answer()))
        units = {f"unit{unit}": configured(url, {"h5": "holding:5"}, unit=unit) for unit in range(1, 7)}
        field = FakeField(units, interval=0.1)
        async with field.running():
            await until(lambda: all(field.answered(name) for name in units))
            with capture_logs() as logs:
                await device.aclose()
                await until(lambda: all(field.polled(name)[-1].failed for name in units))
    events = Counter(each["event"] for each in logs if each["log_level"] != "debug")
    assert events["line_failed"] == 1
    assert events["source_failed"] <= 1


async def first_poll(field):
    async with field.running():
        await until(lambda: field.polled("pump"))
    return field


async def until(true):
    """Wait for what the field brings about."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)

"""Bursts that are whole and new, or none: whatever the device does with its registers meanwhile."""

import asyncio

import numpy as np
import pytest
from burst_device import burst_device
from burst_reader import (
    FIRST,
    RATE,
    READY,
    SECOND,
    SEQUENCE,
    TORN,
    bad,
    burst,
    on_serial_port,
    recorded,
    swapping,
    wave,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from modbus_source import reading

from gatewayd.plugin import Quality

# --- ready --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", ["coil:5", "holding:5", {"register": "holding:5", "bit": 3}])
async def test_while_the_device_is_not_ready_there_is_no_new_burst_and_nothing_is_read_in_vain(ready):
    async with recorded(ready=ready, rate="holding:990") as (device, reader):
        device.registers[RATE] = 1000
        assert await burst(reader) is None
        assert [each for each in device.reads if each[0] != READY] == []
        device.coils, device.registers[READY] = True, 0xFFFF
        assert await burst(reader) == FIRST


async def test_a_burst_that_is_no_longer_ready_when_it_was_read_is_bad():
    async with recorded(ready="holding:5") as (device, reader):
        device.registers[READY] = 1

        def measure_again(address):
            if address == 1500:
                device.registers[READY] = 0

        device.before_read = measure_again
        assert await bad(reader) == TORN
        assert await burst(reader) is None
        device.registers[READY] = 1
        device.before_read = lambda address: None
        assert await burst(reader) == FIRST


# --- sequence -----------------------------------------------------------------------------------------------------


async def test_without_a_sequence_the_burst_is_read_at_each_poll_whatever_it_is():
    async with recorded() as (device, reader):
        assert await burst(reader) == await burst(reader) == FIRST
        swapping(device, SECOND)
        assert await burst(reader) == FIRST[:500] + SECOND[500:]


async def test_a_burst_is_given_once():
    async with recorded(sequence="holding:998") as (device, reader):
        assert [await burst(reader) for _ in range(3)] == [FIRST, None, None]
        assert len(device.reads) == 1 + 9 + 1 + 2
        device.hold(1000, SECOND)
        device.registers[SEQUENCE] += 1
        assert [await burst(reader) for _ in range(2)] == [SECOND, None]


@pytest.mark.parametrize(("before", "after"), [(65535, 0), (40000, 0), (7, 1)])
async def test_a_sequence_may_begin_anew(before, after):
    async with recorded(sequence="holding:998") as (device, reader):
        for number, recording in ((before, FIRST), (after, SECOND)):
            device.registers[SEQUENCE] = number
            device.hold(1000, recording)
            assert await burst(reader) == recording


async def test_a_sequence_of_32_bits_is_compared_as_a_whole():
    async with recorded(sequence={"register": "holding:996", "type": "uint32"}) as (device, reader):
        for number in (0x0001FFFF, 0x0002FFFF, 0x00020000):
            device.hold(996, [number], "I")
            assert await burst(reader) == FIRST


@pytest.mark.parametrize("line", [burst_device, on_serial_port])
async def test_a_burst_that_is_overwritten_while_it_is_read_is_read_again(line):
    async with line() as (device, url), reading(wave(url, sequence="holding:998")) as reader:
        device.hold(1000, FIRST)
        swapping(device, SECOND, sequence=SEQUENCE)
        assert await burst(reader) == SECOND
        assert await burst(reader) is None
    assert len(device.reads) == 1 + 9 + 1 + 9 + 1 + 1


@pytest.mark.parametrize("at", [1000, 1125, 2000])
async def test_a_burst_that_is_overwritten_again_is_bad_and_the_next_poll_has_another_try(at):
    async with recorded(sequence="holding:998") as (device, reader):
        swapping(device, SECOND, FIRST, SECOND, FIRST, SECOND, at=at, sequence=SEQUENCE)
        assert await bad(reader) == TORN
        assert await bad(reader) == TORN
        assert await burst(reader) == SECOND


async def test_one_that_is_not_ready_to_be_read_again_is_not_read_again():
    async with recorded(sequence="holding:998", ready="holding:5") as (device, reader):
        device.registers[READY] = 1

        def measure_again(address):
            if address == 1500:
                device.registers[READY], device.registers[SEQUENCE] = 0, 1

        device.before_read = measure_again
        assert await bad(reader) == TORN
    assert device.reads.count((1000, 125)) == 1


@settings(max_examples=settings.default.max_examples // 2)
@given(st.lists(st.integers(0, 40), max_size=4))
def test_whenever_the_device_swaps_its_burst_one_that_is_given_is_whole(swaps):
    async def poll():
        async with recorded(sequence="holding:998") as (device, reader):
            reads = 0

            def swap(_address):
                nonlocal reads
                reads += 1
                if reads in swaps:
                    device.registers[SEQUENCE] += 1
                    device.hold(1000, [device.registers[SEQUENCE]] * 1024)

            device.hold(1000, [0] * 1024)
            device.before_read = swap
            for _ in range(4):
                (given,) = await reader.block() or [None]
                if given is not None and given.quality is Quality.GOOD:
                    assert len(set(given.values.tolist())) == 1
                    assert given.values[0] == np.float32(0.0048 * device.registers[SEQUENCE])

    asyncio.run(poll())

"""What a device refuses is found out within the poll that meets it, and spoils nothing else."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_device import Asker, FakeBus, at, right
from modbus_rtu import Slave, framed, on_converter, on_pty
from modbus_source import configured, reading

from gatewayd.testing import START, hold, simulate
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.learning.experience import DAY, FIRST_WAIT, SETTLED
from gatewayd_plugins.modbus.learning.silence import ENOUGH
from gatewayd_plugins.modbus.learning.survey import MOST_QUESTIONS, MOST_SECONDS
from gatewayd_plugins.modbus.planning.planner import Limits

HUNDRED = range(100, 200)


def polls(asker, count=1):
    """What so many polls give, one each second, later than the polls before."""

    async def run():
        hold(asker.time)
        given = []
        for _ in range(count):
            given.append(await asker.poll())
            hold(1.0)
        asker.time = asyncio.get_running_loop().time() - START
        return given

    return simulate(run())


def test_a_wrong_register_spoils_only_itself_and_at_once():
    asker = Asker(FakeBus(wrong={137}), HUNDRED)
    (first,) = polls(asker)
    assert first == right(HUNDRED, {137})
    assert len(asker.bus.asked) <= 1 + MOST_QUESTIONS


def test_what_is_known_to_be_wrong_is_not_asked_for_at_each_poll():
    asker = Asker(FakeBus(wrong={137}), HUNDRED)
    assert polls(asker, 2) == [right(HUNDRED, {137})] * 2
    assert asker.spans == [(100, 37), (138, 62)]


@pytest.mark.parametrize("code", [2, 3, 4])
def test_devices_refuse_addresses_with_several_codes(code):
    asker = Asker(FakeBus(wrong={101}, code=code), range(100, 104))
    assert [name for name, value in polls(asker)[0].items() if isinstance(value, str)] == ["h101"]


@pytest.mark.parametrize("code", [1, 5, 6])
def test_other_refusals_are_about_the_device_and_nothing_is_learned_from_them(code):
    asker = Asker(FakeBus(wrong={101}, code=code), range(100, 104))
    for values in polls(asker, 3):
        assert all(isinstance(value, str) for value in values.values())
        assert asker.spans == [(100, 4)]


def test_many_wrong_registers_are_isolated_poll_by_poll_with_a_bounded_number_of_requests():
    wrong = set(range(100, 200, 9))
    asker = Asker(FakeBus(wrong=wrong), HUNDRED)
    for _ in range(10):
        (values,) = polls(asker)
        assert len(asker.bus.asked) <= 30 + MOST_QUESTIONS
    assert values == right(HUNDRED, wrong)


def test_what_there_was_no_time_to_ask_for_is_not_taken_for_wrong():
    registers = [0, 1, 4, 5, 6, 9, 10, 11, 14, 15, 16, 17]
    asker = Asker(FakeBus(longest=1), registers, Limits(hole=2))
    assert polls(asker, 4)[2:] == [right(registers)] * 2


def test_a_slow_device_is_not_asked_for_seconds_on_end():
    asker = Asker(FakeBus(wrong=set(range(100, 200, 2)), takes=0.5), HUNDRED)
    polls(asker)
    assert len(asker.bus.asked) <= 1 + MOST_SECONDS / 0.5 + 2


def test_with_a_slow_device_it_takes_some_polls():
    asker = Asker(FakeBus(wrong={137, 151}, takes=0.5), HUNDRED)
    assert polls(asker, 12)[-1] == right(HUNDRED, {137, 151})
    assert asker.spans == [(100, 37), (138, 13), (152, 48)]


def test_a_refusal_that_passes_teaches_nothing():
    for registers in (HUNDRED, [*range(10), *range(20, 30)]):
        bus = FakeBus()
        asker = Asker(bus, registers)
        usual = asker.reading.requests
        for _ in range(5):
            bus.refuse_next = 1
            assert polls(asker) == [right(registers)]
        assert asker.reading.requests == usual


def test_a_hole_that_is_refused_is_not_read_over_again():
    registers = [*range(10), *range(20, 30)]
    asker = Asker(FakeBus(wrong={14}), registers)
    assert polls(asker, 2) == [right(registers)] * 2
    assert asker.spans == [(0, 10), (20, 10)]


def test_other_holes_are_still_read_over():
    registers = [0, 1, 5, 6, 20, 21, 25, 26]
    asker = Asker(FakeBus(wrong={13}), registers)
    assert polls(asker, 2)[1] == right(registers)
    assert asker.spans == [(0, 7), (20, 7)]


@pytest.mark.parametrize("longest", [10, 50, 59, 64, 99])
def test_the_longest_request_that_a_device_answers_is_found(longest):
    asker = Asker(FakeBus(longest=longest), HUNDRED)
    first, second = polls(asker, 2)
    assert second == right(HUNDRED)
    assert first == second or longest == 10, "with so many requests it has to wait for the second poll"
    assert max(count for _, count in asker.spans) == longest
    assert len(asker.spans) == -(-100 // longest)


def test_a_limit_is_told_from_a_hole():
    registers = [*range(50), *range(60, 100)]
    asker = Asker(FakeBus(longest=64), registers)
    assert polls(asker, 2) == [right(registers)] * 2
    assert asker.spans == [(0, 50), (60, 40)]
    other = Asker(FakeBus(longest=64), [*range(20), *range(30, 120)])
    polls(other, 3)
    assert other.spans == [(0, 64), (64, 56)]


def test_bits_are_learned_as_registers_are():
    fields = {f"c{n}": at("coil", n) for n in range(600)}
    asker = Asker(FakeBus(longest=256, wrong={77}), fields=fields)
    values = polls(asker, 4)[-1]
    assert {name for name, value in values.items() if value != int(name[1:]) % 2} == {"c77"}
    assert asker.spans == [(0, 77), (78, 256), (334, 256), (590, 10)]


def test_numbers_of_several_registers_and_bits_of_one_register_are_never_split():
    fields = {f"f{n}": at("holding", n, NumberType.FLOAT32) for n in range(0, 40, 2)} | {"within": at("holding", 11)}
    asker = Asker(FakeBus(wrong={12}), fields=fields)
    values = polls(asker)[0]
    assert [name for name, value in values.items() if isinstance(value, str)] == ["f12"]
    assert values["within"] == 11


# --- how long it is believed --------------------------------------------------------------------------------------


def test_a_wrong_value_is_tried_again_after_a_minute_and_then_ever_more_rarely():
    bus = FakeBus(wrong={102})
    asker = Asker(bus, range(100, 104))
    tries = []
    for second in range(400):
        polls(asker)
        if (102, 1) in asker.spans:
            tries.append(second)
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert waits == pytest.approx([FIRST_WAIT, 2 * FIRST_WAIT], abs=2), "the first one after a minute"


def test_a_value_that_has_come_to_itself_is_read_with_the_others_again():
    bus = FakeBus(wrong={102})
    asker = Asker(bus, range(100, 104))
    polls(asker)
    bus.wrong.clear()
    assert polls(asker, 62)[-1] == right(range(100, 104))
    assert asker.spans == [(100, 4)]


def test_when_one_value_has_come_to_itself_the_others_are_tried_at_once():
    bus = FakeBus(wrong={102})
    asker = Asker(bus, range(100, 110))
    polls(asker, 100)
    bus.wrong |= {105}
    polls(asker, 40)
    bus.wrong.clear()
    assert all(isinstance(value, float) for value in polls(asker, 120)[-1].values())
    assert asker.spans == [(100, 10)]


def test_holes_and_lengths_are_believed_for_a_day():
    bus = FakeBus(wrong={14}, longest=8)
    registers = [*range(10), *range(20, 30)]
    asker = Asker(bus, registers)
    polls(asker, 3)
    bus.wrong.clear()
    bus.longest = 125

    asker.time = DAY - 100
    polls(asker)
    assert len(asker.spans) == 4
    asker.time = DAY + 10
    polls(asker)
    assert asker.spans == [(0, 30)]


def test_after_the_device_was_away_all_is_tried_again_but_not_at_each_hiccup():
    bus = FakeBus(wrong={14})
    registers = [*range(10), *range(20, 30)]
    asker = Asker(bus, registers)

    def go_away():
        bus.away = True
        polls(asker, ENOUGH + 1)
        bus.away = False
        polls(asker, 3)
        return len(asker.spans)

    polls(asker)
    assert go_away() == 2, "it was found only just before"
    bus.wrong.clear()
    asker.time += SETTLED
    assert go_away() == 1


# --- on a line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [on_pty, on_converter])
async def test_on_a_serial_line_the_rest_is_right_as_well(line):
    def refuse(request, answer):
        address, count = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
        is_wrong = address <= 22 < address + count or count > 20
        return [framed(bytes([request[0], request[1] | 0x80, 2])) if is_wrong else answer]

    registers = [*range(1, 30), *range(33, 60)]
    async with line(Slave(unit1=refuse)) as url:
        source = configured(url, {f"h{n}": f"holding:{n}" for n in registers})
        async with reading(source) as reader:
            await reader.values()
            values = await reader.values()
    reason = "exception 2: illegal data address"
    assert values == {f"h{n}": reason if n == 22 else 1000 + n for n in registers}
    again = configured(url, {f"h{n}": f"holding:{n}" for n in registers})
    again.recall(source.memory())
    assert again.memory() == source.memory()


# --- any device ---------------------------------------------------------------------------------------------------

some_registers = st.sets(st.integers(0, 150), min_size=1, max_size=40)


@given(some_registers, st.sets(st.integers(0, 150), max_size=6), st.integers(1, 125), st.integers(0, 64))
def test_whatever_a_device_refuses_all_that_it_has_is_read_in_the_end(registers, wrong, longest, hole):
    asker = Asker(FakeBus(wrong=wrong, longest=longest), sorted(registers), Limits(hole=hole))
    expected = right(sorted(registers), wrong)
    for values in polls(asker, 30):
        for name, value in values.items():
            assert isinstance(value, str) or value == expected[name], "a wrong value"
    assert values == expected
    refused = [(at, count) for at, count in asker.spans if count > longest or wrong & set(range(at, at + count))]
    assert len(refused) <= 1, "nothing but the first of what is wrong is refused for ever"

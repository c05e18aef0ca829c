"""Modbus devices at their worst, for thousands of reads: a value is right, or there is a SourceError and none."""

import random
from collections import Counter

import pytest
from effort import effort
from modbus_rtu import FAULTS, Slave, framed, on_converter, on_pty
from modbus_source import configured, reading, together
from modbus_tcp import tcp_device

pytestmark = pytest.mark.campaign

READS = effort(100, 12)
LATE_READS = effort(400, 40)
RANDOM_ANSWERS = effort(2500, 120)
LINES = [on_pty, on_converter]
READABLE = {"good", "noise before", "echo", "echo apart", "split", "twice"}
"""Faults through which a device is read."""
ALIKE = {"number": "holding:0", "h300": "holding:300", "h600": "holding:600", "h900": "holding:900"}
"""All requests have answers of one size, so that nothing in an answer tells which it belongs to."""
MIXED = {"number": "holding:0", **{f"h{n}": f"holding:{n}" for n in range(100, 110)}, "i200": "input:200"}


def checked(values, slave, unit=1):
    """What became of a read: "no answer", "refused" or "value"; that the value is right is asserted."""
    if isinstance(values, str):
        return "no answer"
    given = {name: value for name, value in values.items() if not isinstance(value, str)}
    for name, value in given.items():
        asked = bytes([unit, 3, 0, 0])
        newest = max(n for n, request in enumerate(slave.requests, 1) if request[:4] == asked)
        assert value == (newest if name == "number" else 1000 * unit + int(name[1:])), (name, values)
    return "value" if given else "refused"


async def test_a_hundred_reads_through_each_fault_give_no_wrong_value(note):
    outcomes = Counter()

    async def suffer(line, fault, channels):
        slave = Slave(unit1=fault)
        timeout = "500ms" if fault in READABLE else "60ms"
        async with line(slave) as url, reading(configured(url, channels, timeout=timeout)) as reader:
            own = Counter([checked(await reader.values(), slave) for _ in range(READS)])
        assert own["value"] or fault not in READABLE, (line, fault, own)
        assert not own["value"] or fault in READABLE or fault == "twice apart", (line, fault, own)
        outcomes.update(own)

    cases = [(line, fault, channels) for line in LINES for fault in FAULTS for channels in (ALIKE, MIXED)]
    # A second copy that comes after the next request was sent cannot be told from its answer if both have one size.
    cases = [case for case in cases if case[1:] != ("twice apart", ALIKE)]
    await together(suffer(*case) for case in cases)
    assert outcomes.total() == READS * len(cases)
    note(f"{len(FAULTS)} modes, {outcomes.total()} reads: {dict(outcomes)}, 0 wrong")


class Temper:
    """A slave's mode that changes at each request: good, silent, late, or good and disturbed."""

    def __init__(self, seed):
        self._dice = random.Random(seed)

    def __call__(self, request, answer):
        dice = self._dice
        temper = dice.choices(["good", "silent", "late", "disturbed"], [16, 1, 2, 1])[0]
        if temper == "late":
            busy = framed(bytes([request[0], request[1] | 0x80, 6]))
            return [dice.uniform(0, 0.15), dice.choice([answer, answer, busy])]
        if temper == "disturbed":
            fault = dice.choice(["bad crc", "short", "noise before", "noise only", "split", "echo only", "exception"])
            return FAULTS[fault](request, answer)
        return [answer] if temper == "good" else []


async def test_late_answers_at_random_give_no_wrong_value(note):
    outcomes = Counter()

    async def suffer(line, seed):
        slave = Slave(unit1=Temper(seed), unit2=Temper(-seed))
        async with line(slave) as url:
            one, two = (configured(url, ALIKE, unit=unit, timeout="20ms") for unit in (1, 2))
            async with reading(one) as first, reading(two, first.bus) as second:
                for _ in range(LATE_READS // 2):
                    for unit, reader in enumerate((first, second), 1):
                        outcomes[checked(await reader.values(), slave, unit)] += 1

    await together(suffer(line, seed) for line in LINES for seed in range(1, 7))
    assert outcomes["value"] > outcomes.total() / 10, "it works at times"
    assert outcomes["no answer"] > outcomes.total() / 10, "there was something to be mistaken"
    note(f"{outcomes.total()} reads: {dict(outcomes)}, 0 wrong")


def disturbed(dice, answer):
    """Up to three bits of an answer flipped, which a CRC always tells; or cut; or something else altogether."""
    match dice.randrange(4):
        case 0:
            answer = bytearray(answer)
            for bit in dice.sample(range(8 * len(answer)), dice.randint(1, 3)):
                answer[bit // 8] ^= 1 << bit % 8
            return bytes(answer)
        case 1:
            return answer[: dice.randrange(len(answer))]
        case 2:
            return dice.randbytes(dice.choice([1, 3, 5, 8, 13, 60, 300]))
        case _:
            return answer[:2] + dice.randbytes(dice.randrange(20))


def disturbed_head(dice, asked):
    """An answer on TCP with something wrong that can be told: its data has no checksum."""
    wrong = {
        "transaction": asked.transaction ^ (1 << dice.randrange(16)),
        "protocol": 1 << dice.randrange(16),
        "unit": asked.unit ^ (1 << dice.randrange(8)),
        "function": asked.function ^ (1 << dice.randrange(7)),
        "body": bytes([asked.function, 2 * asked.count]) + dice.randbytes(2 * dice.randrange(asked.count)),
    }
    what = dice.choice([*wrong, "rubbish", "rubbish after the head"])
    if what == "rubbish":
        return dice.randbytes(dice.choice([1, 5, 8, 13, 60, 300]))
    if what == "rubbish after the head":
        return asked.answer()[:7] + bytes([dice.choice([0, 1, 4, 0x83, 0xFF])]) + dice.randbytes(dice.randrange(40))
    return asked.answer(**{what: wrong[what]})


async def test_random_answers_on_serial_lines_are_never_values(note):
    outcomes = Counter()

    async def suffer(line, seed):
        dice = random.Random(seed)
        slave = Slave(unit1=lambda _request, answer: [disturbed(dice, answer)])
        async with line(slave) as url, reading(configured(url, MIXED, timeout="10ms")) as reader:
            outcomes.update([checked(await reader.values(), slave) for _ in range(RANDOM_ANSWERS // 4)])

    await together(suffer(line, seed) for line in LINES for seed in range(8))
    assert outcomes == {"no answer": 16 * (RANDOM_ANSWERS // 4)}
    note(f"{outcomes.total()} reads: {dict(outcomes)}")


async def test_random_answers_over_tcp_are_never_values(note):
    outcomes = Counter()

    async def suffer(seed):
        dice = random.Random(seed)
        device = tcp_device(lambda asked: disturbed_head(dice, asked), pieces=dice.choice([0, 0, 3]))
        channels = {"h5": "holding:5", "h6": "holding:6"}
        async with device as url, reading(configured(url, channels, timeout="10ms")) as reader:
            for _ in range(RANDOM_ANSWERS):
                values = await reader.values()
                assert isinstance(values, str) or all(isinstance(value, str) for value in values.values()), values
                outcomes["no answer" if isinstance(values, str) else "refused"] += 1

    await together(suffer(seed) for seed in range(16))
    assert outcomes["no answer"] > outcomes.total() / 2
    note(f"{outcomes.total()} reads: {dict(outcomes)}")


async def test_a_device_that_lies_is_noticed():
    """So the tests above can fail."""
    slave = Slave(unit1=lambda _request, answer: [framed(answer[:-3] + bytes([answer[-3] ^ 1]))])
    async with on_pty(slave) as url, reading(configured(url, ALIKE)) as reader:
        with pytest.raises(AssertionError, match="h900"):
            checked(await reader.values(), slave)

"""Devices with habits: what they want to be spared, and what they say of themselves."""

import asyncio
import itertools

import pytest
from modbus_rtu import Slave, on_pty
from modbus_source import configured, reading, refused
from modbus_tcp import tcp_device

from gatewayd_plugins.modbus.fields.options import TextOptions
from gatewayd_plugins.modbus.reading.texts import Told
from gatewayd_plugins.modbus.reading.texts import texts as described

TWO = {"h1": "holding:1", "h9": "holding:900"}


def noting(times):
    def answer(asked):
        times.append(asyncio.get_running_loop().time())
        return asked.answer()

    return answer


async def test_a_device_is_left_alone_between_requests():
    times = []
    async with tcp_device(noting(times)) as url, reading(configured(url, TWO, pause="60ms")) as reader:
        for _ in range(2):
            await reader.block()
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.06


async def test_only_the_unit_that_wants_it_is_left_alone():
    times = []
    async with tcp_device(noting(times)) as url:
        slow, quick = (configured(url, TWO, unit=unit, pause=pause) for unit, pause in ((1, "300ms"), (2, "0s")))
        async with reading(slow) as first, reading(quick, first.bus) as second:
            await second.block()
            await second.block()
    assert times[-1] - times[0] < 0.2


async def test_a_device_is_left_alone_after_a_connect():
    times = []
    async with tcp_device(noting(times)) as url, reading(configured(url, TWO, pause_after_connect="80ms")) as reader:
        begun = asyncio.get_running_loop().time()
        await reader.block()
        await reader.block()
    assert times[0] - begun >= 0.08
    assert times[-1] - times[0] < 0.08


async def test_a_device_may_want_each_value_to_be_asked_for_by_itself():
    channels = {
        "a": "holding:10",
        "b": {"register": "holding:11", "type": "uint32"},
        "bit3": {"register": "holding:10", "bit": 3},
        "c0": "coil:0",
        "c1": "coil:1",
    }
    asked = []

    def answer(request):
        return request.answer(body=b"\x01\x01\x00") if request.function == 1 else request.answer()

    async with tcp_device(answer, asked) as url, reading(configured(url, channels, one_by_one=True)) as reader:
        await reader.block()
    assert [(each.function, each.address, each.count) for each in asked] == [
        (1, 0, 1),
        (1, 1, 1),
        (3, 10, 1),
        (3, 11, 2),
    ]


@pytest.mark.parametrize(("key", "most"), [("pause", 10), ("pause_after_connect", 3)])
def test_pauses_are_short(key, most):
    assert configured(channels=TWO, **{key: f"{most}s"})
    error = refused(**{key: f"{most}.1s"})
    assert (error.option, error.fix) == ((key,), f'give "{most}s" at most')


def test_a_poll_may_take_as_long_as_its_pauses():
    plain, slow = (configured(channels=TWO, pause=pause) for pause in ("0s", "5s"))
    for source in (plain, slow):
        source.polls(1.0)
    assert slow.poll_limit >= plain.poll_limit + 2 * 5


# --- what it says of itself ---------------------------------------------------------------------------------------


def text_device(texts, refusing=()):
    """`texts[address]` is what is written from there on, in whole registers."""

    def answer(asked):
        if asked.address in refusing:
            return asked.answer(body=bytes([asked.function | 0x80, 2]))
        start = max((each for each in texts if each <= asked.address), default=None)
        if start is None:
            return asked.answer()
        begin = 2 * (asked.address - start)
        values = texts[start][begin : begin + 2 * asked.count].ljust(2 * asked.count, b"\0")
        return asked.answer(body=bytes([asked.function, len(values)]) + values)

    return answer


async def about(texts, options, refusing=(), **others):
    device = tcp_device(text_device(texts, refusing))
    async with device as url, reading(configured(url, {"h": "holding:1"}, texts=options, **others)) as reader:
        assert reader.source.about() == {}
        for _ in options:
            await reader.block()
        return reader.source.about()


async def test_texts_are_read_after_the_first_polls():
    told = await about(
        {100: b"SN-4711\0rest", 200: b"rgnufdso", 300: b"  V1.2\xff\n  "},
        {
            "serial": {"register": "holding:100", "length": 12},
            "maker": {"register": "40201", "length": 8, "byte_order": "BADC"},
            "version": {"register": "input:300", "length": 10},
            "cut": {"register": "holding:100", "length": 5},
        },
    )
    assert told == {
        "serial": "SN-4711",
        "maker": "grundfos",
        "version": "V1.2\N{REPLACEMENT CHARACTER}",
        "cut": "SN-47",
    }


async def test_long_texts_are_read_in_pieces():
    text = bytes(range(65, 91)) * 4
    told = await about({100: text}, {"all": {"register": "holding:100", "length": 104}}, max_registers=20)
    assert told == {"all": text.decode()}


async def test_a_text_that_the_device_does_not_have_is_left_out():
    registers = {"serial": "holding:100", "name": "holding:200", "empty": "holding:300"}
    options = {name: {"register": register, "length": 4} for name, register in registers.items()}
    assert await about({100: b"4711", 300: b"    "}, options, refusing={200}) == {"serial": "4711"}


async def test_a_device_that_does_not_answer_a_text_is_read_nevertheless():
    def mode(request, answer):
        return [] if request[2:4] == b"\0\x64" else [answer]

    texts = {"mute": {"register": "holding:100", "length": 4}, "serial": {"register": "holding:16705", "length": 2}}
    slave = Slave(unit1=mode)
    async with on_pty(slave) as url:
        source = configured(url, {"h7": "holding:7"}, texts=texts, timeout="1s")
        async with reading(source) as reader:
            assert [await reader.values() for _ in range(4)] == [{"h7": 1007.0}] * 4
    assert source.about() == {"serial": (16705 + 1000).to_bytes(2, "big").decode()}
    assert [request[2:4] for request in slave.requests].count(b"\0\x64") == 1


async def test_a_dead_device_is_not_asked_for_texts():
    slave = Slave()
    texts = {"serial": {"register": "holding:100", "length": 4}}
    async with on_pty(slave) as url, reading(configured(url, TWO, texts=texts, timeout="20ms")) as reader:
        assert [await reader.values() for _ in range(2)] == ["no answer within 0.02 s"] * 2
    assert b"\0\x64" not in [request[2:4] for request in slave.requests]


async def test_a_device_that_was_away_is_asked_again_when_it_may_be_another():
    texts, asked = {}, []

    async def ask(request):
        asked.append(request.address)
        return texts[request.address]

    told = Told(described({"serial": TextOptions("holding:100", 4)}, 0, 125))
    for moment, text, expected in ((0, b"OLD ", "OLD"), (599, b"NEW ", "OLD"), (601, b"NEW ", "NEW")):
        texts[100] = text
        told.ask_again(moment)
        if not told.is_whole:
            await told.ask(ask, moment)
        assert told.about == {"serial": expected}
    assert asked == [100, 100]


@pytest.mark.parametrize(
    ("options", "key", "what"),
    [
        ({"register": "coil:0", "length": 8}, "register", "'coil:0' is a bit, and no text"),
        ({"register": "hold:0", "length": 8}, "register", "is not a register"),
        ({"register": "holding:65535", "length": 3}, "length", "ends behind the last address"),
    ],
)
def test_texts_that_cannot_be_are_refused(options, key, what):
    error = refused(texts={"serial": options})
    assert error.option == ("texts", "serial", key)
    assert what in error.what

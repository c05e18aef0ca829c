"""`gatewayd probe`: the units on a line, what they answer, and what they look like."""

import asyncio
import re

import pytest
from click.testing import CliRunner
from modbus_registers import COIL, HOLDING, INPUT, NO_ANSWER_BEHIND, device, refused, registers
from modbus_rtu import Slave, on_pty
from profile_examples import EXAMPLES

from gatewayd.cli import main
from gatewayd.plugin import SourceError
from gatewayd.testing import serving
from gatewayd_plugins.modbus.commissioning.asking import asking
from gatewayd_plugins.modbus.commissioning.probe import longest
from gatewayd_plugins.modbus.commissioning.search import BY_THEMSELVES, USUAL, Disturbed, Found, search
from gatewayd_plugins.modbus.profiles.profile import profile, shipped
from gatewayd_plugins.modbus.wire.url import parse


async def probed(url, *arguments):
    """What the command prints, and its exit code."""
    result = await asyncio.to_thread(CliRunner().invoke, main, ["probe", url, *arguments])
    for _ in range(10):  # whom it connected to last, to hang up again, is to notice
        await asyncio.sleep(0)
    return result.output.splitlines(), result.exit_code


async def found(url, units, wait=1.0):
    async with asking(url, wait) as asker:
        return [each async for each in search(asker, units)]


async def test_units_that_answer_are_found_and_those_that_are_silent_are_not():
    async with device({HOLDING: registers((0, [7]))}, units={2, 4}) as url:
        units = await found(url, range(1, 5), wait=0.15)
    assert [each.unit for each in units] == [2, 4]


async def test_a_gateway_that_answers_for_missing_devices_is_not_taken_for_them():
    def none(asked):
        return refused(asked, NO_ANSWER_BEHIND)

    async with device({HOLDING: registers((0, [7]))}, units={3}, elsewhere=none) as url:
        assert [each.unit for each in await found(url, range(1, 6))] == [3]


async def test_what_of_its_tables_can_be_read_is_told():
    tables = {COIL: registers((0, [1, 0, 1])), INPUT: registers((0, [1]), (1000, [5])), HOLDING: {}}
    async with device(tables) as url:
        lines, code = await probed(url, "--units", "1")
    assert code == 0
    assert lines[1].startswith("unit 1 answers, in ")
    assert lines[2:] == [
        "  coils              data at 0, 1, 2",
        "  discrete inputs    nothing: exception 1: illegal function",
        "  holding registers  nothing: exception 2: illegal data address",
        "  input registers    data at 0, 1000",
    ]


async def test_a_table_that_is_left_open_is_left_alone():
    asked = []

    def answer(request):
        return request.answer() if request.function == HOLDING else b""

    async with device({}, units=(), elsewhere=answer, asked=asked) as url:
        (unit,) = await found(url, [1], wait=0.06)
    assert {part.table.name: part.refusal for part in unit.parts}["COIL"] == "no answer within 0.06 s"
    assert len([each for each in asked if each.function == COIL]) == 2
    assert len([each for each in asked if each.function == INPUT]) == 2, "no profile that needs it is tried"
    assert unit.parts[2].readable == USUAL


@pytest.mark.parametrize("name", [name for name in shipped() if profile(name).expect])
async def test_a_device_is_recognised_by_its_profile(name):
    family = {"eastron-sdm120": {"eastron-sdm630"}, "eastron-sdm630": {"eastron-sdm120"}}
    family |= {"invertek-optidrive-e3": {"invertek-optidrive-eco"}, "invertek-optidrive-eco": {"invertek-optidrive-e3"}}
    async with device(EXAMPLES[name][0]) as url:
        (unit,) = await found(url, [1])
    likenesses = {likeness.profile for likeness in unit.likenesses}
    assert {name} <= likenesses <= {name} | family.get(name, set())


async def test_values_that_speak_for_a_profile_are_told():
    async with device(EXAMPLES["eastron-sdm630"][0]) as url:
        lines, _ = await probed(url, "--units", "1")
    assert "  looks like         eastron-sdm630 (voltage_l1 230 V, frequency 49.5 Hz)" in lines


@pytest.mark.parametrize("entry", [0, 1, 0x7FFF, 0x8000, 0xFFFF])
async def test_a_device_that_has_the_same_at_every_address_looks_like_nothing(entry):
    everywhere = dict.fromkeys(range(65536), entry)
    async with device({HOLDING: everywhere, INPUT: everywhere}) as url:
        (unit,) = await found(url, [1])
    assert unit.likenesses == ()


async def test_a_device_on_tcp_that_does_not_look_at_the_unit_is_one():
    asked = []
    async with device({HOLDING: registers((0, [7]))}, asked=asked) as url:
        lines, code = await probed(url)
    assert lines[1] == "answers to any unit: it is one device, which does not look at the unit"
    assert code == 0
    assert {each.unit for each in asked} == {*BY_THEMSELVES, 1}


async def test_on_a_serial_line_silence_noise_and_devices_are_told_apart():
    slave = Slave(unit2="good", unit3="noise only", unit4="exception")
    async with on_pty(slave) as url:
        told = await found(url, range(1, 5), wait=0.1)
    assert [(each.unit, type(each)) for each in told] == [(2, Found), (3, Disturbed), (4, Found)]
    assert told[1].why == "no valid answer within 0.1 s, though 20 bytes came"


async def test_it_ends_in_time():
    async with device({}, units=()) as url:
        lines, code = await probed(url, "--timeout", "40ms", "--units", "1-200", "--within", "200ms")
    assert code == 1
    assert "ended after 0.2 s: the rest was not looked for (--within)" in lines
    assert lines[0].endswith("which takes 8 s if none is there")


async def test_nobody_there_is_told_with_what_it_may_be():
    async with device({}, units=()) as url:
        lines, code = await probed(url, "--timeout", "40ms", "--units", "1,2")
    assert code == 1
    assert lines[-1].startswith("nobody answered: another kind of frames (rtu+tcp, ascii+tcp, tls), ")
    async with on_pty(Slave()) as url:
        lines, code = await probed(url, "--timeout", "40ms", "--units", "1,2")
    assert code == 1
    assert lines[-1].startswith("nobody answered: wrong settings of the line, ")


@pytest.mark.parametrize(
    ("scheme", "says"),
    [
        ("tcp", "nobody answered: {}: perhaps it takes no further connection, because a gateway has it"),
        ("rtu+tcp", "Error: {}"),
    ],
)
async def test_a_device_that_takes_no_further_connection_is_told_from_one_that_is_not_there(scheme, says):
    async def busy(_reader, _writer):
        """Hang up at once."""

    async with serving(busy) as port:
        lines, code = await probed(f"{scheme}://127.0.0.1:{port}", "--units", "1,2")
    assert code == 1
    how = f"127.0.0.1:{port} was (closed by the other end|lost: .*)"
    assert re.fullmatch(says.format(how), lines[-1])


async def test_a_line_that_cannot_be_opened_is_an_error():
    with pytest.raises(SourceError, match="cannot open /dev/nothing"):
        await found("rtu:/dev/nothing", [1])
    lines, code = await probed("rtu:/dev/nothing")
    assert code == 1
    assert lines[-1] == "Error: cannot open /dev/nothing: No such file or directory"


def test_how_long_it_takes_is_known_from_the_time_on_the_wire():
    slow = parse("rtu:/dev/ttyUSB0?baudrate=1200")
    assert longest(slow, 247, 0.3) == pytest.approx(247 * (0.6 + 15 * 11 / 1200))
    assert longest(parse("tcp://10.0.0.5"), 10, 0.3) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["probe", "10.0.0.5"], "'10.0.0.5': there is no scheme; write \"tcp://host:502\""),
        (["probe", "tcp://x", "--units", "0-256"], "'0-256' are no units: write 1-20 or 1,5,17"),
        (["probe", "tcp://x", "--units", "9-3"], "'9-3' are no units"),
        (["probe", "tcp://x", "--timeout", "300"], "'300' is not a duration; write it as \"500ms\""),
        (["probe", "tcp://x", "--timeout", "0s"], "nothing answers within no time"),
        (["probe", "tcp://x", "--ca-file", "/nowhere.pem"], "File '/nowhere.pem' does not exist"),
    ],
)
def test_wrong_arguments_are_told_in_words(arguments, what):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0
    assert what in " ".join(result.output.split())

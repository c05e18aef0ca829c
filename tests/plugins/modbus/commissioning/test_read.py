"""`gatewayd read`: registers once, with all that they may mean; `gatewayd profiles` and `profile`."""

import asyncio

import pytest
from certificates import made_certificates
from click.testing import CliRunner
from modbus_registers import COIL, HOLDING, INPUT, device, registers, words
from modbus_server import UNIT, ascii_on_tcp, on_serial, on_tls, rtu_on_tcp
from profile_examples import EXAMPLES

from gatewayd.cli import main
from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.commissioning.dump import MOST, entries
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.profiles.profile import FOLDER, profile, shipped


async def shown(url, *arguments):
    """What the command prints, and its exit code."""
    result = await asyncio.to_thread(CliRunner().invoke, main, ["read", url, *arguments])
    for _ in range(10):  # whom it connected to last, to hang up again, is to notice
        await asyncio.sleep(0)
    return result.output.splitlines(), result.exit_code


async def test_all_types_and_orders_of_a_register_are_side_by_side_and_the_plausible_ones_marked():
    async with device({HOLDING: registers((100, words("f", 100.0)), (102, [0xFFFF, 0xFFFE]))}, units={7}) as url:
        lines, code = await shown(url, "holding:100", "--unit", "7")
    assert code == 0
    assert lines[0] == "holding:100: 42C8 0000 FFFF FFFE"
    assert lines[1].split() == ["ABCD", "CDAB", "BADC", "DCBA"]
    rows = {line.split()[0]: line.split()[1:] for line in lines[2:-1]}
    assert list(rows) == ["uint16", "int16", "uint32", "int32", "float32", "uint64", "int64", "float64"]
    assert rows["float32"][:2] == ["100", "*"]
    assert rows["uint16"] == ["17096", "*", "51266"]
    assert rows["int16"] == ["17096", "-14270"]
    assert rows["uint32"][0] == "1120403456"
    assert lines[-1].startswith("* plausible: ")


@pytest.mark.parametrize("line", [rtu_on_tcp, ascii_on_tcp, lambda: on_serial("rtu")], ids=["rtu", "ascii", "serial"])
async def test_a_device_is_read_on_every_kind_of_line(line):
    async with line() as url:
        lines, code = await shown(url, "40006", "--unit", str(UNIT))
    assert code == 0
    assert lines[0] == "40006: 0005 0006 0007 0008"


async def test_a_device_is_read_over_tls_when_its_authority_is_known(tmp_path):
    certificates = made_certificates(tmp_path)
    async with on_tls(certificates) as url:
        arguments = (url, "40006", "--unit", str(UNIT))
        lines, code = await shown(*arguments, "--ca-file", str(certificates.authority))
        refusal, refused = await shown(*arguments)
    assert (lines[0], code) == ("40006: 0005 0006 0007 0008", 0)
    assert refused == 1
    assert "the device's certificate is not accepted" in refusal[0]


async def test_a_device_that_has_no_more_registers_is_asked_for_fewer():
    async with device({INPUT: registers((9, [250]))}) as url:
        lines, code = await shown(url, "30010")
    assert code == 0
    assert lines[0] == "30010: 00FA"
    assert [line.split()[0] for line in lines[2:-1]] == ["uint16", "int16"]


async def test_text_in_registers_is_shown_as_such():
    async with device({HOLDING: registers((0, words("8s", b"SDM630\0\0")))}) as url:
        lines, _ = await shown(url, "holding:0")
    assert lines[0] == 'holding:0: 5344 4D36 3330 0000   "SDM630"'


async def test_bits_are_shown_from_the_named_one_on():
    async with device({COIL: registers((3, [1, 0, 0, 1] * 4))}) as url:
        lines, _ = await shown(url, "coil:3")
    assert lines == ["coil:3: 1 0 0 1 1 0 0 1 1 0 0 1 1 0 0 1"]


async def test_a_range_has_a_line_for_each_and_says_what_is_refused():
    tables = {HOLDING: registers((10, [*words("f", 49.5), 0xFF38]), (14, [3]))}
    async with device(tables) as url:
        lines, code = await shown(url, "holding:10-14")
    assert code == 0
    assert lines[:5] == [
        "holding:10     4246  16966          float32 ABCD 49.5 *, float32 BADC 12416 *",
        "holding:11     0000      0          uint32 ABCD 65336 *",
        "holding:12     FF38  65336    -200",
        "holding:13     exception 2: illegal data address",
        "holding:14     0003      3",
    ]


async def test_a_long_range_is_read_in_few_requests():
    asked = []
    async with device({HOLDING: registers((0, [1] * 300))}, asked=asked) as url:
        lines, _ = await shown(url, "40001-40300")
    assert len([line for line in lines if line.startswith("holding:")]) == 300
    assert [each.count for each in asked] == [125, 125, 50]


async def test_a_range_of_bits():
    async with device({COIL: registers((0, [1, 0, 1]))}) as url:
        lines, _ = await shown(url, "coil:0-3")
    assert [line.split(maxsplit=1)[1] for line in lines] == ["1", "0", "1", "exception 2: illegal data address"]


async def test_who_answers_nothing_is_told_and_the_command_fails():
    async with device({}, units=()) as url:
        lines, code = await shown(url, "holding:0-9", "coil:1", "--timeout", "50ms")
    assert code == 1
    assert lines == [*(f"holding:{n:<6} no answer within 0.05 s" for n in range(10)), "coil:1: no answer within 0.05 s"]


async def test_the_channels_of_a_profile_are_shown_with_units_labels_and_reasons():
    async with device(EXAMPLES["grundfos-cim"][0], units={4}) as url:
        lines, code = await shown(url, "--profile", "grundfos-cim", "--unit", "4")
    assert code == 0
    assert lines[0] == "grundfos-cim"
    told = dict(line.split(maxsplit=1) for line in lines[1:])
    assert told["speed"] == "2510 /min"
    assert told["liquid_temperature"] == "60 Cel"
    assert told["alarm_code"] == "57 (dry running)"
    assert set(told) == set(profile("grundfos-cim").channels)


async def test_of_a_profile_that_the_device_has_not_each_channel_says_why():
    async with device({HOLDING: registers((1, [0, 0]))}) as url:
        lines, _ = await shown(url, "--profile", "keller-30x")
    assert lines[1].split(maxsplit=1) == ["p1", "exception 2: illegal data address"]


async def test_a_profile_and_no_device_is_an_error():
    async with device({}, units=()) as url:
        lines, code = await shown(url, "--profile", "keller-30x", "--timeout", "50ms")
    assert (lines, code) == (["Error: no answer within 0.05 s"], 1)


def test_something_must_be_named():
    result = CliRunner().invoke(main, ["read", "tcp://x"])
    assert result.exit_code == 2
    assert "name a REGISTER, or a --profile" in result.output


@pytest.mark.parametrize(
    ("written", "table", "address", "count"),
    [
        ("holding:100", Table.HOLDING, 100, 4),
        ("40101", Table.HOLDING, 100, 4),
        ("input:0x0A", Table.INPUT, 10, 4),
        ("coil:65530", Table.COIL, 65530, 6),
        ("holding:100-100", Table.HOLDING, 100, 1),
        ("discrete:3-18", Table.DISCRETE, 3, 16),
        ("400101-400110", Table.HOLDING, 100, 10),
    ],
)
def test_registers_are_written_as_in_a_config_or_a_manual(written, table, address, count):
    found = entries(written)
    assert (found.table, found.address, found.count) == (table, address, count)


@pytest.mark.parametrize("written", ["100", "holding:100-99", "40010-30020", f"holding:0-{MOST}", "holding:x-9", "-5"])
def test_what_is_no_register_is_told_in_words(written):
    with pytest.raises(OptionError) as caught:
        entries(written)
    assert caught.value.fix
    result = CliRunner().invoke(main, ["read", "tcp://x", "--", written])
    assert result.exit_code == 2
    assert caught.value.what in " ".join(result.output.split())


def test_all_profiles_are_listed():
    output = CliRunner().invoke(main, ["profiles"]).output.splitlines()
    assert [line.split()[0] for line in output] == list(shipped())


@pytest.mark.parametrize("name", shipped())
def test_a_profile_is_shown_with_its_channels_and_documents(name):
    output = CliRunner().invoke(main, ["profile", name]).output
    known = profile(name)
    assert all(f"\n  {channel} " in output for channel in known.channels)
    assert all(document.title in output for document in known.documents)
    assert f'profile = "{name}"' in output


def test_the_file_of_a_profile_is_printed_as_it_is():
    assert (
        CliRunner().invoke(main, ["profile", "keller-30x", "--toml"]).output == (FOLDER / "keller-30x.toml").read_text()
    )


def test_an_unknown_profile_is_told_with_what_was_meant():
    result = CliRunner().invoke(main, ["profile", "keller"])
    assert result.exit_code == 1
    assert "there is no profile 'keller'; did you mean \"keller-30x\"?" in result.output

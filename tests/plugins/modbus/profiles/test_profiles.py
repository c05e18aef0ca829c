"""The profiles that ship with the plugin: each decodes what a device of its kind would send, and is documented."""

import re
import tomllib
from pathlib import Path

import pytest
from modbus_registers import device
from modbus_source import configured, reading
from profile_documents import BITS, FRAMES, SCALES
from profile_examples import EXAMPLES

from gatewayd.ucum import meant
from gatewayd_plugins.modbus.commissioning.dump import entries
from gatewayd_plugins.modbus.commissioning.read import several, single
from gatewayd_plugins.modbus.fields.field import channel_field
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.profiles.profile import FOLDER, profile, shipped

PAGE = Path(__file__).parents[4] / "docs" / "modbus.md"


def test_every_profile_has_an_example():
    assert sorted(EXAMPLES) == list(shipped())


@pytest.mark.parametrize("name", EXAMPLES)
async def test_a_profile_decodes_what_its_device_sends(name):
    tables, expected = EXAMPLES[name]
    async with device(tables) as url, reading(configured(url, profile=name)) as reader:
        values = await reader.values()
    assert {channel: values[channel] for channel in expected} == {
        channel: pytest.approx(value) if isinstance(value, float) else value for channel, value in expected.items()
    }
    assert set(values) == set(profile(name).channels)


@pytest.mark.parametrize("name", shipped())
def test_a_profile_names_what_it_was_made_from_and_checked_against(name):
    known = profile(name)
    assert len(known.documents) >= 2
    assert all(document.title and document.used for document in known.documents)
    assert all(
        document.url.startswith("http") or "index of public code" in document.edition for document in known.documents
    )
    assert known.unverified, "nobody has read from such a device here: say so"


@pytest.mark.parametrize("name", FRAMES)
def test_a_profile_agrees_with_a_second_document(name):
    known = profile(name)
    fields = {each: channel_field(options, (), known.base) for each, options in known.channels.items()}
    assert {each: fields[each].address for each in FRAMES[name]} == FRAMES[name]
    assert {each: fields[each].scale for each in SCALES.get(name, ())} == pytest.approx(SCALES.get(name, {}))
    assert {each: fields[each].bit for each in BITS.get(name, ())} == BITS.get(name, {})


@pytest.mark.parametrize("name", shipped())
def test_a_profile_is_consistent(name):
    known = profile(name)
    fields = [channel_field(options, (), known.base) for options in known.channels.values()]
    lie = [(field.table, field.address, field.bit, field.type, field.bits) for field in fields]
    assert len(set(lie)) == len(lie), "two channels are the same"
    assert set(known.expect) <= set(known.channels)
    assert all(low < high for low, high in known.expect.values())
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", channel) for channel in known.channels)
    assert all(options.unit == meant(options.unit) for options in known.channels.values())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_file_in_the_folder_is_a_profile(path):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", path.stem)
    assert profile(path.stem).title == tomllib.loads(path.read_text())["title"]
    assert max(map(len, path.read_text().splitlines())) <= 160


def test_every_profile_is_in_the_documentation():
    table = PAGE.read_text().split("\n| profile | for | |\n")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE) == list(shipped())


def test_the_profile_in_the_documentation_is_one(tmp_path):
    (written,) = re.findall(r"```toml\n(title = .*?)```", PAGE.read_text(), re.DOTALL)
    path = tmp_path / "ours.toml"
    path.write_text(written)
    source = configured(profile=str(path))
    assert [channel.name for channel in source.declare()] == ["level", "state"]
    assert (source.max_registers, source.timeout) == (16, 0.5)


def test_what_the_documentation_shows_of_reading_is_what_is_shown():
    floats = list(single(entries("holding:100"), bytes.fromhex("42C80000FFFFFFFE")))[:7]
    registers = [*map(bytes.fromhex, ("4246", "0000", "FF38")), Refused(2)]
    lines = list(several(entries("holding:10-13"), registers))
    for block in (floats, lines):
        assert "\n".join(["```", *block, "```"]) in PAGE.read_text()

"""`profile` and `include` of a modbus source: what it takes over, and what is said when that is not possible."""

import os

import msgspec
import pytest
from config_files import HEAD, loaded, problems
from modbus_source import configured

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.planner import LONGEST_HOLE
from gatewayd_plugins.modbus.profiles.profile import profile

OWN = """\
title = "A sensor of ours"
kind = "pressure transmitter"
base = 1
documents = [{ title = "its manual", used = "everything" }]
options = { timeout = "250ms", max_registers = 8 }

[channels]
pressure = { register = "holding:1", unit = "bar" }
level = { register = "40003", unit = "m" }
running = { register = "coil:1" }
wave = { register = "input:100", count = 64, rate = "input:1", ready = { register = "coil:8" } }
"""


def refused(**options):
    """What is wrong with these options."""
    with pytest.raises((OptionError, msgspec.ValidationError)) as caught:
        configured(**options)
    error = caught.value.__cause__ or caught.value
    assert isinstance(error, OptionError)
    return error


@pytest.fixture
def own(tmp_path):
    def write(text=OWN, name="ours.toml"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def addresses(source):
    return {name: (field.table, field.address) for name, field in source._fields.items()}


def test_a_source_has_the_channels_of_its_profile_with_their_units():
    source = configured(profile="eastron-sdm630")
    declared = {channel.name: channel.unit for channel in source.declare()}
    assert len(declared) == len(profile("eastron-sdm630").channels)
    assert declared["energy_import"] == "kW.h"


def test_include_chooses_among_them_by_patterns():
    source = configured(profile="eastron-sdm630", include=["voltage_l?", "power"])
    assert [channel.name for channel in source.declare()] == ["voltage_l1", "voltage_l2", "voltage_l3", "power"]


def test_own_channels_are_added_and_replace_those_of_their_name():
    own = {"power": {"register": "holding:7", "unit": "kW"}, "more": "holding:8"}
    source = configured(profile="eastron-sdm630", include=["power", "current"], channels=own)
    assert {channel.name: channel.unit for channel in source.declare()} == {"current": "A", "power": "kW", "more": ""}
    assert addresses(source)["power"] == (Table.HOLDING, 7)


def test_registers_of_a_profile_do_not_depend_on_the_base_of_the_source():
    for base in (0, 1):
        source = configured(profile="grundfos-cim", include=["head"], channels={"own": "holding:5"}, base=base)
        assert addresses(source) == {"head": (Table.HOLDING, 300), "own": (Table.HOLDING, 5 - base)}


def test_options_of_a_profile_hold_where_the_source_says_nothing(own):
    assert configured(profile="eastron-sdm630").max_registers == 80
    assert configured(profile="eastron-sdm630", max_registers=20).max_registers == 20
    assert configured(profile="danfoss-vlt").one_by_one
    assert configured(profile="danfoss-vlt").max_hole == LONGEST_HOLE
    source = configured(profile=own())
    assert (source.timeout, source.max_registers) == (0.25, 8)


def test_a_profile_of_ones_own_is_given_by_its_path(own):
    source = configured(profile=own(), include=["pressure", "level", "running"])
    assert addresses(source) == {
        "pressure": (Table.HOLDING, 0),
        "level": (Table.HOLDING, 2),
        "running": (Table.COIL, 0),
    }


def test_registers_of_a_waveform_are_counted_as_the_profile_does(own):
    wave = configured(profile=own(), include=["wave"])._waves["wave"]
    assert (wave.first.address, wave.rate.address, wave.ready.address) == (99, 0, 7)


def test_an_unknown_profile_is_an_error_with_what_was_meant():
    error = refused(profile="eastron-sdm360")
    assert (error.option, error.what) == (("profile",), "there is no profile 'eastron-sdm360'")
    assert error.fix == 'did you mean "eastron-sdm630"? (`gatewayd profiles` lists them)'
    assert "there are banner-qm30vt2, " in refused(profile="x").fix


def test_a_pattern_that_matches_nothing_is_an_error_with_all_names():
    error = refused(profile="keller-30x", include=["p1", "p3"])
    assert (error.option, error.what) == (("include",), "'p3' matches no channel of the profile")
    assert error.fix == "it has p1, p2, temperature, tob1, tob2, calculated"


def test_include_needs_a_profile():
    assert refused(include=["p1"], channels={"a": "holding:0"}).option == ("include",)


WRONG = {
    "title = ": ("is not TOML", "mend"),
    OWN.replace("title = ", "name = "): ("unknown key 'name' in []", "known are base, channels, "),
    OWN.replace('title = "A sensor of ours"\n', ""): ("missing required field `title`", "mend"),
    OWN.replace('unit = "m"', 'units = "m"'): ("unknown key 'units' in [channels.level]", "unit"),
    OWN.replace('unit = "bar"', 'unit = "Bar"'): ("'Bar' is not a UCUM code", "bar"),
    OWN.replace('"holding:1"', '"holding:0"'): ("the address 0 in 'holding:0' is below 1, in the profile", "from 1"),
    OWN.replace("max_registers = 8", 'url = "tcp://x"'): ("gives url, which no profile can give", "mend"),
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: WRONG[text][0][:30])
def test_a_wrong_profile_is_an_error_of_the_option_profile(own, text):
    error = refused(profile=own(text))
    what, fix = WRONG[text]
    assert error.option == ("profile",)
    assert what in error.what
    assert fix in error.fix


def test_a_profile_must_be_there_and_have_a_whole_path(own):
    assert refused(profile="ours.toml").fix == 'write "/etc/gatewayd/profiles/ours.toml"'
    missing = own().replace("ours", "theirs")
    assert refused(profile=missing).what == f"{missing} cannot be read: No such file or directory"


def test_a_profile_that_nobody_may_ever_write_to_is_not_waited_for(tmp_path):
    pipe = tmp_path / "ours.toml"
    os.mkfifo(pipe)
    assert refused(profile=str(pipe)).what == f"{pipe} cannot be read: it is no file"


def test_a_profile_that_may_not_even_be_looked_for_is_refused_in_words():
    path = f"/{'x' * 300}.toml"
    assert refused(profile=path).what == f"{path} cannot be read: File name too long"


def test_a_changed_profile_is_another_source(own):
    before = configured(profile=own())
    assert configured(profile=own()) == before
    assert configured(profile=own(OWN.replace("holding:1", "holding:2"))) != before


def test_in_a_config_the_line_is_told(tmp_path):
    source = '[sources.meter]\nplugin = "modbus"\nurl = "tcp://10.0.0.5"\nprofile = "eastron-sdm630"\n'
    config = loaded(tmp_path, HEAD + source)
    assert "meter.power" in [channel.name for channel in config.plan.channels]
    (problem,) = problems(tmp_path, HEAD + source.replace("sdm630", "sdm"))
    assert problem.startswith("gatewayd.toml:8:1")
    assert "there is no profile 'eastron-sdm'; did you mean" in problem

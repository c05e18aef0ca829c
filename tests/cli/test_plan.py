"""`gatewayd plan`: what a config asks of its lines."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from config_files import HEAD, write

from gatewayd.cli import main

BUS = """\
[sources.{name}]
plugin = "modbus"
url = "rtu:/dev/ttyS0?baudrate=19200"
unit = {unit}
interval = "{interval}"
channels.p = {{ register = "holding:0" }}
channels.q = {{ register = "holding:100" }}
"""
PUMPS = BUS.format(name="pump1", unit=1, interval="1s") + BUS.format(name="pump2", unit=2, interval="5s")
SIMULATED = '[sources.sim]\nplugin = "simulator"\n'


def planned(folder, text, *options):
    result = CliRunner().invoke(main, ["plan", str(write(folder, HEAD + text)), *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_each_line_is_shown_with_its_polls_and_their_requests(tmp_path):
    first, heading, *rest = planned(tmp_path, PUMPS).splitlines()
    assert first.startswith("line /dev/ttyS0 (baudrate=19200")
    assert first.endswith(" % to spare")
    assert " ".join(heading.split()) == "source every takes share waits up to could be every reads"
    assert [row.split()[0] for row in rest if row.startswith("  pump")] == ["pump1", "pump2"]
    assert sum(row.endswith("holding:0") for row in rest) == 2
    assert sum(row.endswith("holding:100") for row in rest) == 2


def test_what_a_plugin_does_not_know_is_not_made_up(tmp_path):
    first, _, row, *rest = planned(tmp_path, SIMULATED).splitlines()
    assert first == "the line of sim alone: how much of its time is asked for is not known"
    assert row.split()[:7] == ["sim", "1", "s", "?", "?", "?", "-"]
    assert rest[-1].startswith("?: its plugin does not say how long it takes")


def test_machines_get_the_same_in_seconds(tmp_path):
    bus, simulated = json.loads(planned(tmp_path, PUMPS + SIMULATED, "--json"))
    polls = bus["polls"]
    assert bus["line"] == "/dev/ttyS0"
    assert bus["load"] == pytest.approx(sum(poll["share"] for poll in polls))
    assert bus["margin"] == pytest.approx(1 - bus["load"])
    assert polls[0]["seconds"] == pytest.approx(sum(each["seconds"] for each in polls[0]["requests"]))
    assert polls[0]["longest_wait"] == pytest.approx(polls[1]["seconds"])
    assert (bus["known"], simulated["known"]) == (True, False)
    assert simulated["polls"][0]["shortest_interval"] is None


def test_a_line_in_a_process_of_its_own_says_so(tmp_path):
    apart = PUMPS.replace('plugin = "modbus"', 'plugin = "modbus"\nisolation = "process"')
    first = planned(tmp_path, apart).splitlines()[0]
    assert first.startswith("line /dev/ttyS0 (baudrate=19200")
    assert "), in a process of its own: " in first
    shared, alone = json.loads(planned(tmp_path, PUMPS + SIMULATED + 'isolation = "process"\n', "--json"))
    assert (shared["isolated"], alone["isolated"]) == (False, True)


def test_a_wait_that_is_longer_than_the_interval_is_called_too_late(tmp_path):
    wave = '[sources.wave]\nplugin = "modbus"\nurl = "rtu:/dev/ttyS0?baudrate=19200"\nunit = 3\ninterval = "30s"\n'
    wave += 'channels.w = { register = "holding:0", count = 2000, rate = 1000 }\n'
    assert "s, too late" in planned(tmp_path, PUMPS + wave)


def test_a_config_that_is_wrong_is_not_planned(tmp_path):
    result = CliRunner().invoke(main, ["plan", str(write(tmp_path, HEAD))])
    assert result.exit_code == 78


SHOWN = """\
[sources.pump1]
plugin = "modbus"
url = "rtu:/dev/ttyUSB0?baudrate=19200"
unit = 1
channels.pressure = { register = "holding:0", type = "float32" }
channels.flow = { register = "holding:40", type = "float32" }
[sources.pump2]
plugin = "modbus"
url = "rtu:/dev/ttyUSB0?baudrate=19200"
unit = 2
interval = "500ms"
channels.velocity = { register = "input:0" }
[sources.pump3]
plugin = "modbus"
url = "rtu:/dev/ttyUSB0?baudrate=19200"
unit = 3
interval = "60s"
channels.wave = { register = "input:100", count = 250, rate = 1000 }
"""
PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


def test_what_the_page_shows_is_what_is_printed(tmp_path):
    shown = PAGE.read_text().partition("```\nline ")[2].partition("```")[0]
    assert planned(tmp_path, SHOWN).startswith(f"line {shown}")

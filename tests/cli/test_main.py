"""Commands that plugins add: one that is broken says so and hurts no other."""

import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

from gatewayd import cli
from gatewayd.cli import group


@pytest.fixture
def commands(monkeypatch):
    points = [
        EntryPoint("lost", "no_such_module:command", group.COMMANDS),
        EntryPoint("wrong", "math:pi", group.COMMANDS),
        EntryPoint("run", "math:pi", group.COMMANDS),
        EntryPoint("good", "gatewayd.cli:version", group.COMMANDS),
    ]
    monkeypatch.setattr(group, "_points", lambda: points)
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


def test_a_command_of_a_plugin_is_run(commands):
    assert commands("good").output.startswith("gatewayd ")


@pytest.mark.parametrize("raised", ["SystemExit(0)", "BaseException('panic')"])
def test_a_command_that_raises_what_is_no_exception_when_it_is_loaded_is_broken_too(tmp_path, monkeypatch, raised):
    module = f"raises_{raised.partition('(')[0].lower()}"
    (tmp_path / f"{module}.py").write_text(f"raise {raised}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(group, "_points", lambda: [EntryPoint("odd", f"{module}:command", group.COMMANDS)])
    result = CliRunner().invoke(cli.main, ["odd"])
    assert result.exit_code == 1
    assert f"{module}:command does not load ({raised.partition('(')[0]}: " in result.output


@pytest.mark.parametrize(
    ("name", "why"), [("lost", "No module named 'no_such_module'"), ("wrong", "not a click command")]
)
def test_a_broken_command_says_what_is_wrong(commands, name, why):
    result = commands(name)
    assert result.exit_code == 1
    assert why in result.output


def test_broken_commands_do_not_hide_the_help(commands):
    result = commands("--help")
    assert result.exit_code == 0
    assert "Broken: no_such_module:command" in result.output
    assert "Check CONFIG" in result.output


def test_a_plugin_cannot_replace_a_command_of_ours(commands):
    assert "Run the gateway with CONFIG" in commands("run", "--help").output


@pytest.mark.parametrize("point", entry_points(group=group.COMMANDS), ids=lambda point: point.name)
def test_the_help_says_of_a_command_what_it_says_of_itself(point):
    shown = CliRunner().invoke(cli.main, ["--help"], terminal_width=200).output
    assert re.search(rf"^  {point.name} +{re.escape(point.load().get_short_help_str(150))}$", shown, re.MULTILINE)


@pytest.mark.parametrize(
    "code", ["import", "x = 1", "async def command(): ...", "def command(): ...", "\0", "def other():\n    'Other.'"]
)
def test_what_cannot_be_read_without_loading_it_is_loaded(tmp_path, monkeypatch, code):
    (tmp_path / "package_of_a_plugin").mkdir()
    (tmp_path / "package_of_a_plugin" / "part.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("odd", "package_of_a_plugin.part:command", group.COMMANDS)
    monkeypatch.setattr(group, "_points", lambda: [point])
    assert "Broken: package_of_a_plugin.part:command" in CliRunner().invoke(cli.main, ["--help"]).output


@pytest.mark.parametrize(
    ("module", "file"),
    [("single", "single.py"), ("whole", "whole/__init__.py"), ("whole.part", "whole/part/__init__.py")],
)
def test_what_a_command_says_of_itself_is_found_wherever_its_module_is(tmp_path, monkeypatch, module, file):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('raise RuntimeError("loaded")\ndef command():\n    """Do\n    it."""\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(group, "_points", lambda: [EntryPoint("odd", f"{module}:command", group.COMMANDS)])
    assert re.search("^  odd +Do it.$", CliRunner().invoke(cli.main, ["--help"]).output, re.MULTILINE)


def test_an_unknown_command_is_refused(commands):
    assert commands("rnu").exit_code == 2


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("pump-modbus-tcp.toml", "1 source, 6 channels, 5 derived channels, 6 rules, 2 tests"),
        ("skab.toml", "1 source, 1 model; what is made of the columns of rig is checked by a replay"),
    ],
)
def test_a_right_config_is_told_what_it_has(commands, example, said):
    path = Path(__file__).parents[2] / "examples" / example
    assert commands("check", str(path)).output == f"{path}: all right: {said}\n"


@pytest.mark.campaign
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    command = f"{sys.executable} -m gatewayd schema | head -1"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.stdout, ran.stderr) == ("{\n", "")


@pytest.fixture(scope="module")
def as_it_begins(tmp_path_factory):
    """What a daemon's process is like when it has been loaded: what it makes of garbage, and its threads."""
    config = tmp_path_factory.mktemp("begins") / "gatewayd.toml"
    config.write_text('[gateway]\nid = "g"\n[mqtt]\nurl = "mqtt://127.0.0.1:1"\n[sources.p]\nplugin = "simulator"\n')
    garbage = "gc.isenabled(), gc.get_freeze_count() > 10_000"
    foreign = "len(os.listdir('/proc/self/task')) - threading.active_count()"
    code = (
        "import gc, os, threading\nfrom gatewayd import cli\nfrom gatewayd.cli.ending import Ending\n"
        f"Ending.run = lambda _, daemon: (daemon.close(), print({garbage}, {foreign}))\n"
        f"cli.main(['run', {str(config)!r}])"
    )
    plain = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=plain, capture_output=True, text=True, check=False, timeout=60)
    assert ran.stderr == ""
    return ran.stdout.split()


def test_a_daemon_looks_for_no_garbage_in_what_was_imported(as_it_begins):
    assert as_it_begins[:2] == ["True", "True"]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="numpy starts a thread for each core but the first")
def test_a_daemon_has_no_threads_for_matrices(as_it_begins):
    assert as_it_begins[2:] == ["0"]

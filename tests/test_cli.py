"""Commands that plugins add: one that is broken says so and hurts no other."""

import subprocess
import sys
from importlib.metadata import EntryPoint
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
    monkeypatch.setattr(group, "entry_points", lambda group: points)
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


def test_a_command_of_a_plugin_is_run(commands):
    assert commands("good").output.startswith("gatewayd ")


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
    path = Path(__file__).parents[1] / "examples" / example
    assert commands("check", str(path)).output == f"{path}: all right: {said}\n"


def test_a_daemon_looks_for_no_garbage_in_what_was_imported(tmp_path):
    config = tmp_path / "gatewayd.toml"
    config.write_text('[gateway]\nid = "g"\n[mqtt]\nurl = "mqtt://127.0.0.1:1"\n[sources.p]\nplugin = "simulator"\n')
    code = (
        "import gc\nfrom gatewayd import cli, daemon\n"
        "async def run(config): print(gc.isenabled(), gc.get_freeze_count() > 10_000)\n"
        f"daemon.run = run\ncli.main(['run', {str(config)!r}])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.stdout, ran.stderr) == ("True True\n", "")

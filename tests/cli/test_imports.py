"""What a command imports: what it needs, and nothing that other commands need. Over ssh, on a small box, it is felt."""

import json
import os
import subprocess
import sys

import pytest
from config_files import BASE, write

HEAVY = {
    *("numpy", "asyncio", "structlog", "msgspec", "pluggy", "ssl", "sqlite3", "curses", "importlib.metadata"),
    *("gatewayd.plugin", "gatewayd.config", "gatewayd.daemon.daemon", "gatewayd_ext"),
}
FORKING = """
import json, os, sys
from gatewayd.cli import main

def ran(words, environment, told):
    os.environ.clear()
    os.environ.update(environment)
    for number in (0, 1):
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
    try:
        main(words, prog_name="gatewayd")
    except SystemExit:
        pass
    with open(told, "w") as end:
        end.write(" ".join(["imported", *sys.modules]))

for line in sys.stdin:
    ours, its = os.pipe()
    if not os.fork():
        ran(*json.loads(line), its)
        os._exit(0)
    os.close(its)
    with open(ours) as end:
        print(end.read(), flush=True)
    os.wait()
"""
"""Has imported what all commands need, and runs each one that it is told in a process of its own."""


@pytest.fixture(scope="module")
def forking():
    command = [sys.executable, "-c", FORKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def imported(forking, tmp_path):
    """What of the heavy things a command has imported."""

    def imported(*words, **environment):
        given = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **environment}
        print(json.dumps([words, given]), file=forking.stdin, flush=True)
        first, *modules = forking.stdout.readline().split() or ["it raised"]
        assert first == "imported"
        return HEAVY & set(modules)

    return imported


@pytest.mark.parametrize(
    "words",
    [
        *(["version"], ["--version"], ["sample"], ["status"], ["status", "--help"], ["doctor", "--help"]),
        *(["top", "--help"],),
        *(["run", "--help"], ["diff"], ["reload"], ["alarm", "list"], ["model", "status"], ["maintenance", "list"]),
        *(["alarm", "--help"], ["write", "pump1.setpoint", "1"], ["alarm", "ack", "rule", "gatewayd.toml"]),
        *(["replay", "--help"], ["move", "--help"], ["explain", "--help"]),
    ],
    ids=" ".join,
)
def test_a_command_that_needs_little_imports_little(imported, tmp_path, words):
    write(tmp_path, BASE)
    assert imported(*words) == set()


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("gatewayd ", {"importlib.metadata"}),
        ("gatewayd sample ", {"importlib.metadata"}),
        ("gatewayd alarm ack ", set()),
        ("gatewayd check --", set()),
    ],
)
def test_completion_imports_little(imported, tmp_path, words, needed):
    given = {
        "_GATEWAYD_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
        "GATEWAYD_CONFIG": str(write(tmp_path, BASE)),
    }
    assert imported(**given) == needed


def test_the_help_loads_no_plugin(imported):
    assert imported("--help") == {"importlib.metadata"}


def test_a_channel_that_is_remembered_is_completed_without_the_config(imported, tmp_path):
    given = {
        "_GATEWAYD_COMPLETE": "bash_complete",
        "COMP_WORDS": "gatewayd explain pump1.f",
        "COMP_CWORD": "2",
        "GATEWAYD_CONFIG": str(write(tmp_path, BASE)),
    }
    assert "gatewayd.config" in imported(**given)
    assert imported(**given) == set()


@pytest.mark.parametrize("words", [["sample", "modbus"], ["plugins"], ["schema"]], ids=" ".join)
def test_what_is_asked_of_plugins_needs_no_daemon(imported, words):
    assert not imported(*words) & {"gatewayd.daemon.daemon", "sqlite3"}

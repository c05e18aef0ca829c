"""What a command imports: what it needs, and nothing that other commands need. Over ssh, on a small box, it is felt."""

import os
import subprocess
import sys

import pytest
from config_files import BASE, write

HEAVY = {
    *("numpy", "asyncio", "structlog", "msgspec", "pluggy", "ssl", "sqlite3", "curses", "importlib.metadata"),
    *("gatewayd.plugin", "gatewayd.config", "gatewayd.daemon.daemon", "gatewayd_ext"),
}
RUN = (
    "import sys\nfrom gatewayd.cli import main\n"
    "try:\n    main(sys.argv[1:], prog_name='gatewayd')\nexcept SystemExit:\n    pass\n"
    "print('imported', *sys.modules, file=sys.stderr)"
)


def imported(folder, *words, **environment):
    """What of the heavy things a command has imported."""
    given = {"HOME": str(folder), "PATH": os.environ["PATH"], **environment}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *words], env=given, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in ran.stderr
    (told,) = [line for line in ran.stderr.splitlines() if line.startswith("imported ")]
    return HEAVY & set(told.split())


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
def test_a_command_that_needs_little_imports_little(tmp_path, words):
    write(tmp_path, BASE)
    assert imported(tmp_path, *words) == set()


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("gatewayd ", {"importlib.metadata"}),
        ("gatewayd sample ", {"importlib.metadata"}),
        ("gatewayd alarm ack ", set()),
        ("gatewayd check --", set()),
    ],
)
def test_completion_imports_little(tmp_path, words, needed):
    given = {
        "_GATEWAYD_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
        "GATEWAYD_CONFIG": str(write(tmp_path, BASE)),
    }
    assert imported(tmp_path, **given) == needed


def test_the_help_loads_no_plugin(tmp_path):
    assert imported(tmp_path, "--help") == {"importlib.metadata"}


def test_a_channel_that_is_remembered_is_completed_without_the_config(tmp_path):
    given = {
        "_GATEWAYD_COMPLETE": "bash_complete",
        "COMP_WORDS": "gatewayd explain pump1.f",
        "COMP_CWORD": "2",
        "GATEWAYD_CONFIG": str(write(tmp_path, BASE)),
    }
    assert "gatewayd.config" in imported(tmp_path, **given)
    assert imported(tmp_path, **given) == set()


@pytest.mark.parametrize("words", [["sample", "modbus"], ["plugins"], ["schema"]], ids=" ".join)
def test_what_is_asked_of_plugins_needs_no_daemon(tmp_path, words):
    assert not imported(tmp_path, *words) & {"gatewayd.daemon.daemon", "sqlite3"}

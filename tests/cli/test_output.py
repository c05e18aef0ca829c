"""Standard output that cannot be written is told in one line; to a reader that has left, nothing is."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
from effort import campaign

TOLD = "Error: standard output cannot be written (No space left on device)\n"
COMMAND = "import click; from gatewayd.cli.output import spoken; spoken(click.command()(lambda: print({})))"
SHORT, LONG = COMMAND.format("'said'"), COMMAND.format("'said' * 100_000")
"""Commands whose output waits for the exit, and does not."""
FULL = Path("/dev/full")


def said(arguments, stdout):
    """What a command exits with, and what it says on standard error."""
    command = [sys.executable, *arguments]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(command, env=plain, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "command", ["sample", "--help", "run --help", *campaign("version", "plugins", "schema", "--version")]
)
def test_a_full_disk_is_told_in_one_line(command):
    with FULL.open("w") as full:
        assert said(["-m", "gatewayd", *command.split()], full) == (1, TOLD)


def test_a_full_disk_is_told_where_nothing_is_buffered():
    with FULL.open("w") as full:
        assert said(["-u", "-m", "gatewayd", "sample"], full) == (1, TOLD)


@pytest.mark.parametrize("code", [SHORT, LONG], ids=["at the exit", "at once"])
def test_what_is_not_flushed_is_told_too(code):
    with FULL.open("w") as full:
        assert said(["-c", code], full) == (1, TOLD)


@pytest.mark.parametrize(
    "arguments",
    [["-m", "gatewayd", "sample"], ["-c", SHORT], ["-c", LONG]],
    ids=["sample", "at the exit", "at once"],
)
def test_nothing_is_said_to_a_reader_that_has_left(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert said(arguments, writing) == (1, "")
    finally:
        os.close(writing)


def test_what_a_command_exits_with_is_its_own():
    code = "from gatewayd.cli.output import spoken; spoken(lambda: (print('a'), exit(3)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "a\n", "")


def test_what_is_said_unbuffered_is_there_at_once():
    code = "import sys; from gatewayd.cli.output import spoken; spoken(lambda: (print('said'), sys.stdin.read()))"
    command = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        ready, _, _ = select.select([process.stdout], [], [], 10)
        process.stdin.close()
    assert ready

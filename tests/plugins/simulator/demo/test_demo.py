"""The demo from end to end, as a command: pump, Modbus, daemon, broker, subscriber. Each takes seconds."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from gatewayd.cli import main

PATIENCE = 180


@pytest.fixture
def folder(monkeypatch):
    """Where the demo leaves its files; its path is short, as that of a socket has to be."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


@asynccontextmanager
async def demo(*options):
    """`gatewayd demo`, with its output in pipes; it is killed when a test fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gatewayd", "demo", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def told(process, what):
    """Wait until the demo prints a line with that text; give all lines up to it."""
    lines = []
    async for line in process.stdout:
        lines.append(line.decode().rstrip())
        if what in lines[-1]:
            return lines
    raise AssertionError(f"{what!r} was not told: {lines}, {await process.stderr.read()}")


async def rest(process):
    """Everything that is still printed, and the exit code."""
    output, errors = await process.communicate()
    assert errors == b""
    return output.decode().splitlines(), process.returncode


async def test_a_fault_raises_an_alarm_that_clears_and_every_message_arrives(folder):
    async with demo("--seconds", "10", "--fault", "dry-run") as process:
        lines, code = await rest(process)
    text = "\n".join(lines)
    assert code == 0, text
    assert re.search(r"alarm +no_flow raised \(critical\): pump1\.flow: .* below 40 l/min", text)
    assert re.search(r"alarm +no_flow raised at \d+\.\d s, cleared at \d+\.\d s", text)
    assert "none missing, none twice" in text
    assert lines[-1] == "verdict   all is well"
    assert len(list(folder.glob("gatewayd-demo-*/gatewayd.toml"))) == 1


async def test_stopped_early_it_is_content_with_what_has_arrived(folder):
    async with demo("--seconds", "600") as process:
        await told(process, "readings the first")
        process.send_signal(signal.SIGINT)
        lines, code = await rest(process)
    assert lines[-1] == "verdict   all is well (stopped early)"
    assert code == 0


@pytest.mark.campaign
async def test_stopped_before_the_gateway_has_reported_its_clock_stands_still(folder):
    async with demo("--seconds", "600") as process:
        await told(process, "pump     the pump is well")
        process.send_signal(signal.SIGINT)
        lines, _ = await rest(process)
    (stopping,) = [line for line in lines if "stopping the gateway" in line]
    assert stopping.startswith("   0.0 s")
    assert lines[-1].endswith("(stopped early)")


@pytest.mark.parametrize("seconds", ["nan", "inf", "9"])
def test_a_length_that_is_none_is_refused(seconds):
    result = CliRunner().invoke(main, ["demo", "--seconds", seconds])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("Error: Invalid value for '--seconds'")


@pytest.mark.campaign
async def test_a_gateway_that_dies_is_reported_with_its_last_words(folder):
    async with demo("--seconds", "600") as process:
        await told(process, "readings the first")
        os.kill(daemon_of(process.pid), signal.SIGKILL)
        lines, code = await rest(process)
    assert any(line.startswith("verdict   the gateway died") for line in lines)
    assert "its last words:" in lines
    assert code == 1


def daemon_of(demo):
    """The process id of the demo's child."""
    (child,) = Path(f"/proc/{demo}/task/{demo}/children").read_text().split()
    return int(child)

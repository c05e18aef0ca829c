"""The process ends soon after the gateway has stopped, whatever a plugin does in threads."""

import subprocess
import sys
import textwrap

import pytest
from config_files import HEAD, write
from effort import campaign
from fake_plugins import lay_out
from running_gateway import gateway

SLEEPER = """
import asyncio
import time
from dataclasses import dataclass

from gatewayd.plugin import Block, Channel, Source, hookimpl


@dataclass
class Sleeper(Source):
    def declare(self):
        return [Channel("level", "m")]

    async def poll(self, poll):
        await asyncio.to_thread(time.sleep, 3600)


@hookimpl
def register_sources(register):
    register("sleeper", Sleeper)
"""


async def test_a_call_that_hangs_in_a_thread_does_not_keep_the_process_from_ending(tmp_path):
    text = HEAD.replace("[mqtt]", 'state_dir = "state"\n[mqtt]')
    tables = (f'[sources.s{number}]\nplugin = "sleeper"\n' for number in range(40))
    site = lay_out(tmp_path, "sleeper", SLEEPER)
    async with gateway(write(tmp_path, text + "".join(tables)), as_a_command=True, PYTHONPATH=str(site)) as running:
        await running.logged("gateway_started")
        assert await running.stop() == 0
        assert running.names()[-2:] == ["gateway_stopped", "threads_abandoned"]


@pytest.mark.parametrize(
    ("ends", "code", "told"),
    [
        ("click.ClickException('no')", 1, "Error: no"),
        *campaign(("SystemExit(78)", 78, ""), ("KeyError('bug')", 1, "Traceback (most recent call last)")),
    ],
)
def test_an_error_is_told_and_its_exit_code_is_kept_although_a_thread_hangs(ends, code, told):
    program = f"""
        import asyncio, time
        import click
        from gatewayd.cli.ending import Ending

        ending = Ending()

        async def work():
            asyncio.get_running_loop().run_in_executor(None, time.sleep, 3600)
            await asyncio.sleep(0.1)

        def begin():
            ending.run(work())
            raise {ends}

        ending.leave_after(begin)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == code
    assert told in ended.stderr
    assert ("Traceback" in ended.stderr) is told.startswith("Traceback")

"""`gatewayd top` as it is typed, on a terminal of its own; the gateway is a socket that answers."""

import asyncio
import curses
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
from contextlib import asynccontextmanager

import pytest
from answers import ALARM, CHANNEL, STATUS, later
from click.testing import CliRunner
from config_files import write

from gatewayd.cli import main
from gatewayd.control.door import serving
from gatewayd.top import TerminalError, watch

CONFIG = '[gateway]\nid = "x"\nstate_dir = "."\n'
PATIENCE = 20.0


class Typed:
    """A command on a terminal of 80 columns and 24 lines; `seen` is all that it has drawn."""

    def __init__(self, *arguments, **environment):
        ours = {name: value for name, value in os.environ.items() if name not in {"LINES", "COLUMNS"}}  # xdist has them
        self._environment = {**ours, "TERM": "xterm", **environment}
        self._arguments = [sys.executable, "-m", "gatewayd", *map(str, arguments)]
        self.seen = ""
        self._all_is_seen = False

    async def __aenter__(self):
        self._terminal, ours = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._terminal, self._read)
        self.process = await asyncio.create_subprocess_exec(
            *self._arguments, stdin=ours, stdout=ours, stderr=ours, env=self._environment
        )
        os.close(ours)
        return self

    async def __aexit__(self, *_):
        asyncio.get_running_loop().remove_reader(self._terminal)
        os.close(self._terminal)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def _read(self):
        try:
            self.seen += os.read(self._terminal, 65536).decode(errors="replace")
        except OSError:  # it has ended
            self._all_is_seen = True
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._news.set()

    def resize(self, lines, wide):
        self.seen = ""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, wide, 0, 0))
        self.process.send_signal(signal.SIGWINCH)  # the kernel tells those alone whose terminal it is

    def type(self, keys):
        self.seen = ""
        os.write(self._terminal, keys.encode())

    async def draws(self, *texts):
        async with asyncio.timeout(PATIENCE):
            while not all(text in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\(B", "", self.seen) for text in texts):
                self._news.clear()
                await self._news.wait()

    async def ended(self):
        """Wait for its end, and for the last that it has drawn; give its exit code."""
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
            while not self._all_is_seen:
                self._news.clear()
                await self._news.wait()
            return code


async def test_top_shows_a_gateway_and_obeys_the_keys(tmp_path):
    asked = []

    def status(_):
        asked.append(1)
        return {**later(STATUS, len(asked)), "alarms": [ALARM]}

    def channels(arguments):
        assert arguments == {"start": 0, "most": 16}
        return {"count": 1, "channels": [{**CHANNEL, "name": "tänk.flow"}]}

    config = write(tmp_path, CONFIG)
    async with (
        serving(tmp_path / "control.sock", {"status": status, "channel.list": channels}),
        Typed("top", config, "--every", "500ms") as top,
    ):
        await top.draws("hafen-01", "dry_run", "pump22", "no answer within 1 s")
        top.type("3")
        await top.draws("tänk.flow", "12.35")
        top.type("q")
        assert await top.ended() == 0


@asynccontextmanager
async def watching(folder, **environment):
    """A gateway with an alarm and a source in trouble, watched."""
    config = write(folder, CONFIG)
    answer = {**STATUS, "alarms": [ALARM]}
    async with (
        serving(folder / "control.sock", {"status": lambda _: answer}),
        Typed("top", config, "--every", "500ms", **environment) as top,
    ):
        await top.draws("hafen-01", "dry_run")
        yield top


COLOUR = re.compile(r"\x1b\[(?:\d+;)*3[1-3]m")
LEFT = "\x1b[?1049l"
"""What gives the terminal back as it was."""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
async def test_however_it_is_ended_the_terminal_is_as_before(tmp_path, end):
    async with watching(tmp_path) as top:
        assert LEFT not in top.seen
        top.process.send_signal(end)
        assert await top.ended() == 0
        assert LEFT in top.seen
        assert "Traceback" not in top.seen


@pytest.mark.parametrize(("lines", "wide"), [(40, 120), (10, 40)])
async def test_a_terminal_that_changes_its_size_is_drawn_anew(tmp_path, lines, wide):
    async with watching(tmp_path) as top:
        top.resize(lines, wide)
        await top.draws("gatewayd 0.1.0  hafen-01"[:wide])
        top.type("q")
        assert await top.ended() == 0


async def test_a_terminal_may_become_tiny(tmp_path):
    async with watching(tmp_path) as top:
        for size in ((2, 5), (1, 1), (1, 200), (24, 80)):
            top.resize(*size)
            top.type("2")
            await asyncio.sleep(0.3)
        await top.draws("gatewayd 0.1.0  hafen-01")
        top.type("q")
        assert await top.ended() == 0


async def test_colours_are_left_out_where_nobody_wants_them(tmp_path):
    async with watching(tmp_path) as top:
        assert COLOUR.search(top.seen)
    async with watching(tmp_path, NO_COLOR="1") as top:
        assert not COLOUR.search(top.seen)


@pytest.mark.parametrize("known", [True, False])
def test_a_terminal_that_cannot_be_drawn_on_is_told(monkeypatch, known):
    def set_up():
        if not known:
            raise curses.error

    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(curses, "setupterm", set_up)
    monkeypatch.setattr(curses, "tigetstr", lambda _: None)
    with pytest.raises(TerminalError, match="TERM is 'dumb': nothing can be drawn on that"):
        watch(list, 2.0)


def test_without_a_terminal_it_says_what_is_there_for_scripts(tmp_path):
    typed = CliRunner().invoke(main, ["top", str(write(tmp_path, CONFIG))])
    assert typed.exit_code == 1
    assert "this needs a terminal; for scripts there is: gatewayd status --json" in typed.output

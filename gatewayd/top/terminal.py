"""The terminal: curses draws the screen and hears the keys."""

from __future__ import annotations

import curses
import locale
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from gatewayd.control.asking import ControlError
from gatewayd.errors import GatewaydError
from gatewayd.top.asking import Asking
from gatewayd.top.screen import Screen
from gatewayd.top.text import Line, Style, columns, fitted

LISTEN = 100
"""Milliseconds to listen for a key before looking whether there is an answer."""
FIRST = 0.5
"""Seconds until the second question: paces take two answers."""
ESCAPE = "25"
"""Milliseconds after which Escape is a key of its own (ncurses waits for a second)."""

KEYS = {
    curses.KEY_UP: "up",
    curses.KEY_DOWN: "down",
    curses.KEY_PPAGE: "page up",
    curses.KEY_NPAGE: "page down",
    curses.KEY_HOME: "home",
    curses.KEY_END: "end",
    ord("\t"): "tab",
    27: "q",
}


class TerminalError(GatewaydError):
    """There is no terminal to draw on."""


def watch(places: Callable[[], list[Path]], every: float) -> None:
    """Show the gateway whose socket is at one of `places` until `q` is pressed, asked anew every so many seconds.

    Raises TerminalError, and ControlError when there is no gateway to begin with.
    """
    _check_terminal()
    locale.setlocale(locale.LC_ALL, "")
    with Asking(places) as asking:
        screen = Screen()
        first = asking.now(None)
        screen.take(first.status, first.channels, first.start)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the terminal would be left as it is drawn on
        try:
            curses.wrapper(lambda window: _Terminal(window, asking, screen, every).run())
        except KeyboardInterrupt:
            return


def _check_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TerminalError("this needs a terminal; for scripts there is: gatewayd status --json")
    os.environ.setdefault("ESCDELAY", ESCAPE)
    with suppress(curses.error):  # the terminal is not known
        curses.setupterm()
        if curses.tigetstr("cup"):
            return
    name = os.environ.get("TERM", "")
    raise TerminalError(f"TERM is {name!r}: nothing can be drawn on that; for once there is: gatewayd status")


class _Terminal:
    """One run; `window` is the whole terminal."""

    def __init__(self, window: curses.window, asking: Asking, screen: Screen, every: float) -> None:
        self._window = window
        self._asking = asking
        self._screen = screen
        self._every = every
        self._styles = _styles()
        self._due = time.monotonic() + FIRST
        self._answered = time.monotonic()

    def run(self) -> None:
        """Until `q`."""
        self._window.timeout(LISTEN)
        while True:
            self._ask()
            self._draw()
            code = self._window.getch()
            if code == curses.ERR:
                continue
            key = KEYS.get(code, chr(code) if 32 <= code < 127 else "")
            if key in ("q", "Q"):
                return
            self._press(key)

    def _press(self, key: str) -> None:
        self._screen.press(key, self._window.getmaxyx()[0])
        if self._screen.wanted(0) is not None:
            self._due = 0.0  # other channels are to be seen now

    def _ask(self) -> None:
        now = time.monotonic()
        try:
            answers = self._asking.answer()
        except ControlError as error:
            self._screen.silent(now - self._answered, str(error))
        else:
            if answers is not None:
                self._answered = now
                self._screen.take(answers.status, answers.channels, answers.start)
        if now >= self._due:
            self._due = now + self._every
            self._asking.begin(self._screen.wanted(self._window.getmaxyx()[0]))

    def _draw(self) -> None:
        height, width = self._window.getmaxyx()
        self._window.erase()
        for row, line in enumerate(self._screen.lines(width, height)[:height]):
            self._write(row, line, width)
        self._window.refresh()

    def _write(self, row: int, line: Line, width: int) -> None:
        """A line, cut at the edge; what the terminal's encoding does not have becomes a question mark."""
        column, encoding = 0, self._window.encoding
        for text, style in line:
            piece = fitted(text, min(columns(text), width - column))
            shown = piece.encode(encoding, "replace").decode(encoding)
            try:
                self._window.addstr(row, column, shown, self._styles[style])
            except curses.error:  # the last cell of the last line: drawn, but the cursor cannot go on
                return
            column += columns(piece)


def _styles() -> Mapping[Style, int]:
    """What each style is on this terminal."""
    with suppress(curses.error):  # some terminals cannot hide their cursor
        curses.curs_set(0)
    plain = {
        Style.PLAIN: curses.A_NORMAL,
        Style.STRONG: curses.A_BOLD,
        Style.FAINT: curses.A_DIM,
        Style.GOOD: curses.A_NORMAL,
        Style.WARNING: curses.A_BOLD,
        Style.BAD: curses.A_BOLD,
        Style.HEADING: curses.A_REVERSE,
    }
    if os.environ.get("NO_COLOR") or not curses.has_colors():
        return plain
    curses.use_default_colors()
    for number, colour in enumerate((curses.COLOR_GREEN, curses.COLOR_YELLOW, curses.COLOR_RED), 1):
        curses.init_pair(number, colour, -1)
    coloured = {Style.GOOD: 1, Style.WARNING: 2, Style.BAD: 3}
    return plain | {style: curses.color_pair(number) | plain[style] for style, number in coloured.items()}

"""The screen: what is to be seen of the last answers, and what the keys change about that. It knows no terminal."""

from __future__ import annotations

from collections.abc import Sequence

from gatewayd.report.words import Answer, span
from gatewayd.top import views
from gatewayd.top.header import header
from gatewayd.top.pace import Pace
from gatewayd.top.text import Line, Row, Style, table

VIEWS = ("overview", "sources", "channels", "lines", "alarms")
HEAD = 6
"""Lines above the view: the header, and an empty one."""
FOOT = 1
MOST_ASKED = 500
"""Channels that are asked for at once."""


class Screen:
    """One view at a time below the header; `offset` rows of it are above what is seen."""

    def __init__(self) -> None:
        self.view = VIEWS[0]
        self.offset = 0
        self._pace = Pace()
        self._status: Answer = {}
        self._channels: Answer = {"count": 0, "channels": []}
        self._start = 0
        self._silent: tuple[float, str] | None = None
        self._rows = 0

    def take(self, status: Answer, channels: Answer | None, start: int) -> None:
        """Show an answer; `channels` are those from the one numbered `start` on, None: they were not asked for."""
        self._pace.take(status)
        self._status = status
        self._silent = None
        if channels is not None:
            self._channels, self._start = channels, start

    def silent(self, seconds: float, why: str) -> None:
        """There has been no answer for so long; what was answered last stays."""
        self._silent = (seconds, why)

    def wanted(self, height: int) -> tuple[int, int] | None:
        """The channels that are to be seen: the number of the first one, and how many; None: none are."""
        return (self.offset, min(MOST_ASKED, max(1, self._room(height)))) if self.view == "channels" else None

    def press(self, key: str, height: int) -> None:
        """Change what is to be seen; keys without a meaning change nothing."""
        page = max(1, self._room(height))
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "page up": -page, "page down": page, " ": page}
        steps |= {"home": -self._rows, "end": self._rows}
        if key.isdecimal() and 0 < int(key) <= len(VIEWS):
            self._show(VIEWS[int(key) - 1])
        elif key == "tab":
            self._show(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])
        elif key in steps:
            self.offset = max(0, min(self.offset + steps[key], self._rows - page))

    def lines(self, width: int, height: int) -> list[Line]:
        """Everything, in `height` lines."""
        if not self._status:
            return [((f"waiting for an answer{self._why()}", Style.PLAIN),)]
        above: list[Line] = [*header(self._status, self._pace), ()]
        room = self._room(height)
        body = self._overview(width, room) if self.view == VIEWS[0] else self._table(width, room)
        empty: list[Line] = [()] * max(0, HEAD + room + 1 - len(above) - len(body))
        return [*above, *body, *empty, self._foot()][: max(height, 1)]

    def _show(self, view: str) -> None:
        self.view, self.offset, self._rows = view, 0, 0

    def _room(self, height: int) -> int:
        """Rows that a view has besides its heading."""
        return max(0, height - HEAD - FOOT - 1)

    def _table(self, width: int, room: int) -> list[Line]:
        """One view, from its offset on."""
        if self.view == "channels":
            self._rows = self._channels["count"]
            late = self.offset - self._start
            return table(views.CHANNELS, views.channels(self._channels)[max(0, late) :][:room], width)
        heading, rows = {
            "sources": (views.SOURCES, views.sources(self._status, self._pace)),
            "lines": (views.LINES, views.lines(self._status, self._pace)),
            "alarms": (views.ALARMS, views.alarms(self._status)),
        }[self.view]
        self._rows = len(rows)
        return table(heading, rows[self.offset :][:room], width)

    def _overview(self, width: int, room: int) -> list[Line]:
        """Alarms, lines and sources, the worst first, as far as there is room: most of it is for sources."""
        parts: list[tuple[Sequence[str], list[Row]]] = [
            (views.ALARMS, views.alarms(self._status)),
            (views.LINES, views.lines(self._status, self._pace)),
        ]
        lines: list[Line] = []
        for number, (heading, rows) in enumerate(parts):
            if rows and room >= 8:
                lines += [*_some(heading, rows, width, room // 4, VIEWS[-1 - number]), ()]
        rows = views.sources(self._status, self._pace, worst_first=True)
        return lines + _some(views.SOURCES, rows, width, room - len(lines), VIEWS[1])

    def _foot(self) -> Line:
        if self._silent is not None:
            return ((f"NO ANSWER for {span(self._silent[0])}{self._why()}", Style.BAD),)
        keys = [(f" {number} {name} ", _button(chosen=name == self.view)) for number, name in enumerate(VIEWS, 1)]
        seen = f"  from {self.offset + 1} of {self._rows}" if self._rows and self.view != VIEWS[0] else ""
        return ((" q quit ", Style.FAINT), *keys, (seen, Style.FAINT))

    def _why(self) -> str:
        return f": {self._silent[1]}" if self._silent else ""


def _button(*, chosen: bool) -> Style:
    return Style.HEADING if chosen else Style.FAINT


def _some(heading: Sequence[str], rows: list[Row], width: int, most: int, view: str) -> list[Line]:
    """A table of `most` rows at most; where there are more, the last line says so."""
    if len(rows) <= most:
        return table(heading, rows, width)
    shown = max(0, most - 1)
    number = VIEWS.index(view) + 1
    return [*table(heading, rows[:shown], width), ((f"and {len(rows) - shown} more: key {number}", Style.FAINT),)]

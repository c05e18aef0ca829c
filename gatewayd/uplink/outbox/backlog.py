"""The backlog: rows that could not be sent when they were new, read back from disk a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterable

from gatewayd.uplink.outbox.inbox import Request
from gatewayd.uplink.outbox.readback import MOST_ROWS, Numbers, ReadBack
from gatewayd.uplink.row import MessageClass, Row


class Backlog:
    """The rows of some classes up to a last number of each, oldest first; `ask` has the writer read them."""

    def __init__(self, classes: Iterable[MessageClass], ask: Callable[[Request], None]) -> None:
        self._ask = ask
        self._generation = 0
        self._asked = False
        self._rows: deque[Row] = deque()
        self._after = dict.fromkeys(classes, 0)
        self._upto = dict(self._after)

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return not self._rows and self._after == self._upto

    def extend(self, last: dict[MessageClass, int]) -> None:
        """All rows up to these numbers belong to it now."""
        self._upto = {each: last[each] for each in self._upto}

    def begin(self) -> None:
        """Begin with the oldest row again."""
        self._generation += 1
        self._asked = False
        self._rows.clear()
        self._after = dict.fromkeys(self._after, 0)

    def forget(self, upto: Numbers) -> None:
        """Forget the rows up to these numbers."""
        self._rows = deque(row for row in self._rows if row.seq > upto.get(row.message_class, 0))

    def take(self) -> Row | None:
        """The oldest; None if there is none, or none yet."""
        row = self._rows.popleft() if self._rows else None
        if len(self._rows) < MOST_ROWS // 2 and not self._asked and self._after != self._upto:
            self._asked = True
            self._ask(Request(self._generation, self._after, self._upto))
        return row

    def answer(self, request: Request, found: ReadBack, held: Container[int]) -> None:
        """Take in what was read, but for the rows that are on their way already."""
        if request.generation == self._generation:
            self._asked = False
            self._after = dict(found.after)
            self._rows.extend(row for row, _ in found.rows if row.id not in held)

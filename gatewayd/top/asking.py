"""Asking: the gateway is asked in a thread, so that the keys are heard while it does not answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

import msgspec

from gatewayd.control.asking import ControlError, ask
from gatewayd.report.words import Answer

PATIENCE = 2.0
"""Seconds to wait for an answer."""


class Answers(msgspec.Struct, frozen=True):
    """What was answered: the status and, if they were asked for, channels from the one numbered `start` on."""

    status: Answer
    channels: Answer | None
    start: int


class Asking:
    """Asks at most one thing at a time; `places` is where the control socket may be, looked up each time."""

    def __init__(self, places: Callable[[], list[Path]]) -> None:
        self._places = places
        self._thread = ThreadPoolExecutor(1, "asking")
        self._asked: Future[Answers] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def begin(self, wanted: tuple[int, int] | None) -> None:
        """Ask, unless an answer is still awaited; `wanted` are the first channel and how many, None: none."""
        if self._asked is None:
            self._asked = self._thread.submit(self.now, wanted)

    def answer(self) -> Answers | None:
        """The answer, once; None: there is none yet. Raises ControlError."""
        if self._asked is None or not self._asked.done():
            return None
        asked, self._asked = self._asked, None
        return asked.result()

    def now(self, wanted: tuple[int, int] | None) -> Answers:
        """Ask and wait. Raises ControlError."""
        places = self._places()
        status = ask(places, "status", PATIENCE)
        if "storage" not in status:
            raise ControlError("the gateway that runs is older than this command: restart it")
        if wanted is None:
            return Answers(status, None, 0)
        start, most = wanted
        return Answers(status, ask(places, "channel.list", PATIENCE, start=start, most=most), start)

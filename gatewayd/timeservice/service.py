"""Who vouches for the wall clock: the kernel if it may be asked, else timesyncd's stamp, else what timedated says."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable

from gatewayd.timeservice import kernel, timedated, timesyncd

AGAIN = 60.0
"""Seconds until timedated is asked again while nobody vouches for the clock; each question starts its process."""
STILL = 600.0
"""The same while it does."""
FRESH = 1.0
"""Seconds that an answer of the kernel or of timesyncd is good for."""

Asked = Callable[[], bool | None]


class Voucher(enum.StrEnum):
    """By whom it is known how the clock is kept."""

    KERNEL = "the kernel"
    TIMESYNCD = "systemd-timesyncd"
    TIMEDATED = "systemd-timedated"


Told = tuple[bool | None, Voucher | None]


class TimeService:
    """Answers at once and never waits: timedated is asked by a thread of its own, and only where nobody else can be."""

    def __init__(
        self,
        kernel: Asked = kernel.synchronized,
        timesyncd: Asked = timesyncd.synchronized,
        timedated: Asked = timedated.synchronized,
    ) -> None:
        self._kernel = kernel
        self._timesyncd = timesyncd
        self._timedated = timedated
        self._answer: Told = None, None
        self._next = 0.0
        self._lately = False
        self._stale = 0.0
        self._lock = threading.Lock()

    def synchronized(self) -> bool:
        """Whether a time service keeps the wall clock, as far as one can tell; it is asked for each message."""
        now = time.monotonic()
        if now >= self._stale:
            self._stale = now + FRESH
            self._lately = bool(self.told()[0])
        return self._lately

    def told(self) -> Told:
        """Whether one does, and who says so; None where nobody could be asked, or has not answered yet."""
        if (at_once := self._at_once()) is not None:
            return at_once
        self._have_it_asked()
        return self._answer

    def ask(self) -> Told:
        """The same, but wait for the answer."""
        return self._at_once() or self._ask_timedated()

    def _at_once(self) -> Told | None:
        for ask, voucher in ((self._kernel, Voucher.KERNEL), (self._timesyncd, Voucher.TIMESYNCD)):
            if (answer := ask()) is not None:
                return answer, voucher
        return None

    def _have_it_asked(self) -> None:
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + AGAIN
        threading.Thread(target=self._learn, name="timedated", daemon=True).start()

    def _learn(self) -> None:
        self._answer = self._ask_timedated()
        if self._answer[0]:
            self._next = time.monotonic() + STILL

    def _ask_timedated(self) -> Told:
        answer = self._timedated()
        return answer, None if answer is None else Voucher.TIMEDATED


synchronized = TimeService().synchronized
"""Whether a time service keeps this machine's wall clock, as far as one can tell."""

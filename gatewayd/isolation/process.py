"""Processes: one child process of the gateway, with the socket to it, from its start to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress

from gatewayd.errors import GatewaydError
from gatewayd.isolation.budgets import Budget
from gatewayd.isolation.limits import Limits
from gatewayd.isolation.messages import HEAD, Message, Report, framed, received
from gatewayd.isolation.output import Output

ALLOWANCE = 4.0
"""Seconds of its average that a process may send at once."""
CLOSED = "closed its end of the socket"
COMMAND = (sys.executable, "-P", "-u", "-m", "gatewayd.isolation.child")


class FloodError(GatewaydError):
    """A child process sends more than it may."""


class Process:
    """A process of `python -m gatewayd.isolation.child` in a session of its own.

    `messages` are those that it may send a second. Raises OSError when it cannot be started.
    """

    def __init__(self, line: str, limits: Limits, messages: float) -> None:
        self.why = ""
        """Why it was ended or ended by itself, as what is said of it ("was killed by SIGSEGV")."""
        self._limits = limits
        self._gone = asyncio.Event()
        self._bytes = Budget(limits.bytes, ALLOWANCE * limits.bytes)
        self._messages = Budget(messages, ALLOWANCE * messages)
        self._end, theirs = socket.socketpair()
        try:
            with theirs:
                self._popen, printed = _started(line, theirs.fileno())
            self._watch = _watched(self._popen, printed)
        except OSError:
            self._end.close()
            raise
        self._output = Output(printed, line, limits.lines)
        asyncio.get_running_loop().add_reader(self._watch, self._ended)
        self._writer: asyncio.StreamWriter | None = None
        self._is_heard = False

    @property
    def pid(self) -> int:
        """Its number."""
        return self._popen.pid

    @property
    def is_gone(self) -> bool:
        """Whether nothing is left of it."""
        return self._gone.is_set()

    def send(self, message: Message) -> None:
        """Tell it something; the first time after `reports` is listened to."""
        if self._writer and not self._writer.is_closing():
            self._writer.write(framed(message))

    async def reports(self, first: Message) -> AsyncGenerator[Report, None]:
        """Tell it `first`, then hear what it says until it has no more to say.

        Raises FloodError and RubbishError.
        """
        if self._gone.is_set():
            return
        self._is_heard = True
        reader, self._writer = await asyncio.open_connection(sock=self._end, limit=1 << 18)
        self.send(first)
        time = asyncio.get_running_loop().time
        try:
            while True:
                (length,) = HEAD.unpack(await reader.readexactly(HEAD.size))
                self._allow(length, time())
                yield received(await reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            if not await self._is_gone(self._limits.beat):
                self.kill(CLOSED)
        finally:
            self._writer.close()

    def kill(self, why: str) -> None:
        """End it at once with all that it has started, unless it has ended."""
        if not self._gone.is_set():
            self.why = self.why or why
            self._signal()

    async def gone(self) -> bool:
        """Wait until it is gone, for a while; whether it is."""
        return await self._is_gone(self._limits.kill)

    async def _is_gone(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        return self._gone.is_set()

    def _allow(self, length: int, now: float) -> None:
        if length > self._limits.message:
            raise FloodError(f"sent {length} bytes at once, {self._limits.message} are the most")
        if not self._bytes.spend(length, now):
            raise FloodError(f"sent more than {self._limits.bytes} bytes a second")
        if not self._messages.spend(1, now):
            raise FloodError("sent more messages than its polls can have results: it yields or logs without end")

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._watch)
        os.close(self._watch)
        self._signal()  # what it had started; its number is free only when we have asked for its status
        code = self._popen.wait()
        self.why = self.why or _told(code)
        self._output.close()
        if not self._is_heard:
            self._end.close()
        self._gone.set()

    def _signal(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)


def _started(line: str, descriptor: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start the process, which finds the modules that we find; give it with a descriptor of what it prints."""
    path = os.pathsep.join(each or os.getcwd() for each in sys.path)  # noqa: PTH109 - what "" stands for
    printed, prints = os.pipe()
    try:
        popen = subprocess.Popen(  # noqa: S603 - ourselves
            [*COMMAND, str(descriptor), line],
            stdin=subprocess.DEVNULL,
            stdout=prints,
            stderr=prints,
            pass_fds=[descriptor],
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
    except OSError:
        os.close(printed)
        raise
    finally:
        os.close(prints)
    return popen, printed


def _watched(popen: subprocess.Popen[bytes], printed: int) -> int:
    """A descriptor that tells of its end."""
    try:
        return os.pidfd_open(popen.pid)
    except OSError:  # before Linux 5.3
        popen.kill()
        popen.wait()
        os.close(printed)
        raise


def _told(code: int) -> str:
    if code >= 0:
        return f"exited with status {code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"was killed by signal {-code}"

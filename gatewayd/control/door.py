"""The control socket: the one local door for operator commands. A request and its answer are a line of JSON each."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from gatewayd.beside import beside
from gatewayd.control.asking import PATIENCE, ControlError
from gatewayd.daemon.succession import ended
from gatewayd.errors import GatewaydError
from gatewayd.state.disk import is_refusal, make_way, refuses

Commands = Mapping[str, Callable[[Mapping[str, Any]], Any]]
"""What does each command with its arguments, at once or awaited; it raises GatewaydError when it cannot."""
Tasks = Collection[asyncio.Task[Any]]

LONGEST_WORK = 60.0
"""Seconds that a command may take."""
LONGEST_REQUEST = 64 * 1024
MOST = 16
"""Connections at a time; further ones wait for one of them to end."""
PACE = 0.01
"""Seconds between connections: whoever connects without end must not keep us from polling."""
RETRY = 1.0
"""Seconds until the next connection is looked for when one could not be had."""
GRACE = 0.2
"""Seconds at the end for answers that are on their way."""

log = structlog.get_logger()


class Request(msgspec.Struct):
    """What is asked, and what more must be known for it."""

    command: str
    arguments: dict[str, Any] = {}


@asynccontextmanager
async def serving(path: Path, commands: Commands, spared: Tasks = ()) -> AsyncIterator[Door]:
    """Answer commands on a Unix socket at `path` that only this user (and root) may open.

    Who waits in one of the tasks that are `spared` then is still answered when the socket is closed.
    Raises ControlError where no socket can be made there, unless it is the disk that refuses, which may pass.
    """
    door = Door(path, commands, spared)
    try:
        await door.open()
        yield door
    finally:
        await door.close()


class Door:
    """The socket and those who have come through it: a few at a time, each for a limited time."""

    def __init__(self, path: Path, commands: Commands, spared: Tasks) -> None:
        self._path = path
        self._commands = commands
        self._spared = spared
        self._listener: socket.socket | None = None
        self._known: os.stat_result | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._failing = self._crowded = False

    async def open(self) -> None:
        """Make the socket. Raises ControlError."""
        try:
            await self._make()
        except OSError as error:
            if not (is_refusal(error) or await beside(refuses, self._path.parent)):
                fix = "choose a shorter [gateway] state_dir"
                raise ControlError(f"no control socket at {self._path} ({error}): {fix}") from error
            self._trouble(error)

    async def renew(self) -> None:
        """Make it again if it is not there; that this fails is told once."""
        if await beside(self._is_there):
            return
        try:
            await self._make()
        except OSError as error:
            self._trouble(error)
        else:
            self._failing = False
            log.info("control_available", path=str(self._path))

    async def close(self) -> None:
        """Let nobody in any more, and remove the socket."""
        await self._shut()
        if waiting := self._answering.difference(self._spared):
            await asyncio.wait(waiting, timeout=GRACE)
        if waiting := self._answering.difference(self._spared):
            await ended(*waiting)
        with suppress(OSError, TimeoutError):  # the disk may have turned read-only, or hang
            async with asyncio.timeout(GRACE):
                await beside(self._remove)

    async def _make(self) -> None:
        listener, known = await beside(_listening, self._path)
        await self._shut()
        self._listener, self._known = listener, known
        self._accepting = asyncio.create_task(self._accept(listener), name="control")

    async def _shut(self) -> None:
        if self._accepting is not None:
            await ended(self._accepting)
        if self._listener is not None:
            self._listener.close()
        self._listener = self._accepting = None

    def _remove(self) -> None:
        if self._known is not None and os.path.samestat(self._known, self._path.lstat()):
            self._path.unlink()

    def _is_there(self) -> bool:
        """Whether who looks for the socket finds ours; a disk that cannot even be asked may have it."""
        try:
            return self._known is not None and os.path.samestat(self._known, self._path.lstat())
        except OSError as error:
            return self._known is not None and not isinstance(error, FileNotFoundError | NotADirectoryError)

    def _trouble(self, error: OSError) -> None:
        if not self._failing:
            log.error("control_unavailable", path=str(self._path), reason=str(error))
        self._failing = True

    async def _accept(self, listener: socket.socket) -> None:
        """Let in who comes; the kernel keeps others waiting while there are enough."""
        loop = asyncio.get_running_loop()
        while True:
            while len(self._answering) >= MOST:
                await asyncio.wait(self._answering, return_when=asyncio.FIRST_COMPLETED)
            try:
                connection = await _next(listener)
            except OSError as error:  # such as no descriptor that is left
                if not self._crowded:
                    log.error("control_client_refused", reason=str(error))
                self._crowded = True
                await asyncio.sleep(RETRY)
                continue
            self._crowded = False
            task = loop.create_task(self._answer(connection), name="control client")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
            await asyncio.sleep(PACE)

    async def _answer(self, connection: socket.socket) -> None:
        try:
            reader, writer = await asyncio.open_unix_connection(sock=connection, limit=LONGEST_REQUEST)
        except BaseException:  # nobody has it yet who could close it; it is raised again
            connection.close()
            raise
        try:
            async with asyncio.timeout(PATIENCE):
                request = await reader.readline()
            answer = await _reply(self._commands, request)
            async with asyncio.timeout(PATIENCE):
                writer.write(answer + b"\n")
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, ValueError, TimeoutError) as error:  # a client that went away, or talks nonsense
            log.debug("control_client_lost", error=str(error))
        except Exception as bug:  # a command may call a plugin: that must not cost who asks after this one
            log.error("control_command_failed", reason=repr(bug), exc_info=bug)
        finally:
            writer.transport.abort()


async def _next(listener: socket.socket) -> socket.socket:
    """The next one who comes. Raises OSError. Who is cancelled here has let nobody in, as with `sock_accept` it may."""
    loop = asyncio.get_running_loop()
    while True:
        with suppress(BlockingIOError):  # who came has left again
            connection, _ = listener.accept()
            connection.setblocking(False)
            return connection
        came = asyncio.Event()
        loop.add_reader(listener, came.set)
        try:
            await came.wait()
        finally:
            loop.remove_reader(listener)


def _listening(path: Path) -> tuple[socket.socket, os.stat_result]:
    """A socket at this path, which takes as long as the disk does, and what it is known by. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        make_way(path, Path.is_socket)
        path.unlink(missing_ok=True)
        os.fchmod(listener.fileno(), 0o600)  # the file is made with it: between these two nothing waits for the disk
        listener.bind(os.fspath(path))
        listener.listen(MOST)
        listener.setblocking(False)
        return listener, path.lstat()
    except BaseException:  # nobody has it yet who could close it; it is raised again
        listener.close()
        raise


async def _reply(commands: Commands, line: bytes) -> bytes:
    try:
        request = msgspec.json.decode(line, type=Request)
    except (msgspec.DecodeError, RecursionError) as error:
        return msgspec.json.encode({"error": f"a request is a line of JSON: {error}"})
    if request.command not in commands:
        known = ", ".join(commands)
        return msgspec.json.encode({"error": f"unknown command {request.command!r}; known are: {known}"})
    try:
        async with asyncio.timeout(LONGEST_WORK):
            result = commands[request.command](request.arguments)
            return msgspec.json.encode({"result": await result if inspect.isawaitable(result) else result})
    except GatewaydError as error:
        return msgspec.json.encode({"error": str(error)})
    except TimeoutError:
        later = "`gatewayd status` and the log tell what comes of it"
        return msgspec.json.encode({"error": f"{request.command} takes longer than {LONGEST_WORK:g} s: {later}"})

"""The control socket: the one local door for operator commands. A request and its answer are a line of JSON each."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from gatewayd.disk import is_refusal
from gatewayd.errors import GatewaydError
from gatewayd.state import exists

Commands = Mapping[str, Callable[[Mapping[str, Any]], Any]]
"""What does each command with its arguments, at once or awaited; it raises GatewaydError when it cannot."""

PATIENCE = 5.0
"""Seconds that either side waits for the other."""
LONGEST_WORK = 60.0
"""Seconds that a command may take."""
LONGEST_REQUEST = 64 * 1024

log = structlog.get_logger()


class Request(msgspec.Struct):
    """What is asked, and what more must be known for it."""

    command: str
    arguments: dict[str, Any] = {}


class ControlError(GatewaydError):
    """A running daemon could not be reached or did not understand."""


@asynccontextmanager
async def serving(path: Path, commands: Commands) -> AsyncIterator[None]:
    """Answer commands on a Unix socket at `path` that only this user (and root) may open."""
    try:
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(_answering(commands), path, limit=LONGEST_REQUEST)
    except OSError as error:
        if is_refusal(error):
            log.error("control_unavailable", path=str(path), reason=str(error))
            yield
            return
        raise ControlError(f"no control socket at {path} ({error}): choose a shorter [gateway] state_dir") from error
    path.chmod(0o600)
    try:
        yield
    finally:
        server.close()
        with suppress(OSError):  # the disk may have turned read-only
            path.unlink()


def _answering(commands: Commands) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                request = await reader.readline()
            async with asyncio.timeout(LONGEST_WORK):
                answer = await _reply(commands, request)
            async with asyncio.timeout(PATIENCE):
                writer.write(answer + b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError) as error:  # a client that went away, or talks nonsense
            log.debug("control_client_lost", error=str(error))
        finally:
            writer.close()

    return answer


async def _reply(commands: Commands, line: bytes) -> bytes:
    try:
        request = msgspec.json.decode(line, type=Request)
    except msgspec.DecodeError as error:
        return msgspec.json.encode({"error": f"a request is a line of JSON: {error}"})
    if request.command not in commands:
        known = ", ".join(commands)
        return msgspec.json.encode({"error": f"unknown command {request.command!r}; known are: {known}"})
    try:
        result = commands[request.command](request.arguments)
        return msgspec.json.encode({"result": await result if inspect.isawaitable(result) else result})
    except GatewaydError as error:
        return msgspec.json.encode({"error": str(error)})


def ask(places: list[Path], command: str, patience: float = PATIENCE, **arguments: Any) -> Any:
    """Ask the daemon whose socket is at the first of `places` that has one, and wait so many seconds for its answer.

    Raises ControlError.
    """
    path = next((place for place in places if exists(place)), None)
    if path is None:
        looked = " nor ".join(str(place) for place in places)
        raise ControlError(
            f"no gatewayd is running: there is no control socket at {looked}; "
            "if it has a state_dir of its own, name its config"
        )
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(patience)
            channel.connect(os.fspath(path))
            channel.sendall(msgspec.json.encode({"command": command, "arguments": arguments}) + b"\n")
            with channel.makefile("rb") as lines:
                answer = msgspec.json.decode(lines.readline())
    except PermissionError as error:
        raise ControlError(f"may not open {path}: run this as root or as the user that gatewayd runs as") from error
    except (OSError, msgspec.DecodeError) as error:
        raise ControlError(f"gatewayd does not answer at {path} ({error}): is it still running?") from error
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer["result"]

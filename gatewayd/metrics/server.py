"""The server of metrics: `GET /metrics` and `GET /healthz`, a few at a time, and nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address

import structlog

from gatewayd.beside import beside
from gatewayd.daemon.status import Status
from gatewayd.metrics.catalogue import families
from gatewayd.metrics.family import CONTENT_TYPE, exposition
from gatewayd.metrics.process import process_families

MOST = 8
"""Connections at a time; for one more the one that has kept us waiting for its request for longest is closed."""
HEAD_PATIENCE = 2.0
"""Seconds for a request."""
PATIENCE = 5.0
"""Seconds for its answer to be taken."""
LONGEST_HEAD = 8 * 1024
RETRY = 10.0
"""Seconds until it is tried again to listen where something else does."""
PLAIN = "text/plain; charset=utf-8"
END = b"\r\n\r\n"
MISDIRECTED = b"ask by an IP address, or by this machine's own name\n"

log = structlog.get_logger()


class MetricsServer:
    """Listens at `address` (None: nowhere). `trouble` says why the gateway is not well; empty: it is.

    Where it cannot listen, everything else goes on, and it tries again.
    """

    def __init__(
        self, address: tuple[str, int] | None, status: Callable[[], Status], trouble: Callable[[], str]
    ) -> None:
        self._address = address
        self._status = status
        self._trouble = trouble
        self._answering: set[asyncio.Task[None]] = set()
        self._silent: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        """Those of them whose request has not come yet, the oldest first."""
        self._rendering = asyncio.Lock()

    async def run(self) -> None:
        """Answer until cancelled."""
        if self._address is None:
            return
        host, port = self._address
        told = False
        while True:
            try:
                server = await asyncio.start_server(self._connected, host, port, limit=LONGEST_HEAD, backlog=MOST)
            except OSError as error:
                if not told:
                    log.error("metrics_unavailable", host=host, port=port, reason=str(error))
                told = True
                await asyncio.sleep(RETRY)
            else:
                break
        await self._serve(server)

    async def _serve(self, server: asyncio.Server) -> None:
        where = server.sockets[0].getsockname()
        log.info("metrics_served", host=where[0], port=where[1])
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for task in self._answering:
                task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or not self._has_room():
            writer.transport.abort()
            return
        self._answering.add(task)
        self._silent[task] = writer
        try:
            async with asyncio.timeout(HEAD_PATIENCE):
                head = await _head(reader)
            self._silent.pop(task, None)
            answer = await self._answer(head)
            async with asyncio.timeout(PATIENCE):
                writer.write(answer)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:  # went away, or says nothing
            log.debug("metrics_client_lost", error=str(error))
        finally:
            self._answering.discard(task)
            self._silent.pop(task, None)
            writer.close()

    def _has_room(self) -> bool:
        """Whether there is room for one more, for which another one may have to go."""
        if len(self._answering) < MOST:
            return True
        if not self._silent:
            return False
        oldest = next(iter(self._silent))
        self._answering.discard(oldest)
        self._silent.pop(oldest).transport.abort()
        return True

    async def _answer(self, head: bytes | None) -> bytes:
        if head is None:
            return _response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        method, _, rest = head.split(b"\r\n")[0].decode("latin-1").partition(" ")
        target, _, version = rest.partition(" ")
        if not version.startswith("HTTP/1."):
            return _response(HTTPStatus.BAD_REQUEST)
        if not self._is_meant(head):
            return _response(HTTPStatus.MISDIRECTED_REQUEST, MISDIRECTED)
        path = target.partition("?")[0]
        if path not in ("/metrics", "/healthz"):
            return _response(HTTPStatus.NOT_FOUND, b"there are /metrics and /healthz\n")
        if method != "GET":
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, more="Allow: GET\r\n")
        return await self._metrics() if path == "/metrics" else self._health()

    def _is_meant(self, head: bytes) -> bool:
        """Whether a request is for us: a page of somebody else's makes a browser ask by a name that is none of ours."""
        listening = {self._address[0].lower()} if self._address else set()
        hosts = [_host(line) for line in head.split(b"\r\n")[1:] if line[:5].lower() == b"host:"]
        return all(_is_address(host) or host in _own_names() | listening for host in hosts)

    def _health(self) -> bytes:
        if why := self._trouble():
            return _response(HTTPStatus.SERVICE_UNAVAILABLE, f"{why}\n".encode())
        return _response(HTTPStatus.OK, b"ok\n")

    async def _metrics(self) -> bytes:
        """One answer at a time is made, in a thread: a thousand sources take longer than the event loop may wait."""
        async with self._rendering:
            status = self._status()
            return await beside(_rendered, status)


def _rendered(status: Status) -> bytes:
    text = exposition((*families(status), *process_families()))
    return _response(HTTPStatus.OK, text, kind=CONTENT_TYPE)


def _host(line: bytes) -> str:
    """The host of a header field, without its port."""
    value = line[5:].decode("latin-1").strip().lower()
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0].removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    """What this machine calls itself, whole and alone, and what its neighbours may call it."""
    whole = socket.gethostname().lower()
    name = whole.partition(".")[0]
    return {"localhost", whole, name, f"{name}.local"}


async def _head(reader: asyncio.StreamReader) -> bytes | None:
    """A request up to its empty line; None: it is too long."""
    try:
        return await reader.readuntil(END)
    except asyncio.LimitOverrunError:
        return None


def _response(status: HTTPStatus, body: bytes = b"", *, kind: str = PLAIN, more: str = "") -> bytes:
    content = body or f"{status.phrase}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n{more}"
        f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + content

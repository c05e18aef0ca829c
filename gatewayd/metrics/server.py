"""The server of metrics: `GET /metrics` and `GET /healthz`, a few at a time, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import structlog

from gatewayd.metrics.catalogue import families
from gatewayd.metrics.family import CONTENT_TYPE, exposition
from gatewayd.metrics.process import process_families
from gatewayd.status import Status

MOST = 8
"""Connections at a time; more are closed at once."""
PATIENCE = 5.0
"""Seconds for a request, and as many for its answer."""
LONGEST_HEAD = 8 * 1024
RETRY = 10.0
"""Seconds until it is tried again to listen where something else does."""
PLAIN = "text/plain; charset=utf-8"
END = b"\r\n\r\n"

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
        if task is None or len(self._answering) >= MOST:
            writer.transport.abort()
            return
        self._answering.add(task)
        try:
            async with asyncio.timeout(PATIENCE):
                head = await _head(reader)
            answer = await self._answer(head)
            async with asyncio.timeout(PATIENCE):
                writer.write(answer)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:  # went away, or says nothing
            log.debug("metrics_client_lost", error=str(error))
        finally:
            self._answering.discard(task)
            writer.close()

    async def _answer(self, head: bytes | None) -> bytes:
        if head is None:
            return _response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        method, _, rest = head.split(b"\r\n")[0].decode("latin-1").partition(" ")
        target, _, version = rest.partition(" ")
        if not version.startswith("HTTP/1."):
            return _response(HTTPStatus.BAD_REQUEST)
        path = target.partition("?")[0]
        if path not in ("/metrics", "/healthz"):
            return _response(HTTPStatus.NOT_FOUND, b"there are /metrics and /healthz\n")
        if method != "GET":
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, more="Allow: GET\r\n")
        return await self._metrics() if path == "/metrics" else self._health()

    def _health(self) -> bytes:
        if why := self._trouble():
            return _response(HTTPStatus.SERVICE_UNAVAILABLE, f"{why}\n".encode())
        return _response(HTTPStatus.OK, b"ok\n")

    async def _metrics(self) -> bytes:
        """One answer at a time is made, in a thread: a thousand sources take longer than the event loop may wait."""
        async with self._rendering:
            status = self._status()
            return await asyncio.to_thread(_rendered, status)


def _rendered(status: Status) -> bytes:
    text = exposition((*families(status), *process_families()))
    return _response(HTTPStatus.OK, text, kind=CONTENT_TYPE)


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

"""The server of metrics, with real sockets."""

import asyncio
import gc
import socket
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from gateway_status import STATUS
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from gatewayd.metrics import server as module
from gatewayd.metrics.server import LONGEST_HEAD, MOST, MetricsServer


class Served(MetricsServer):
    """Says where it listens."""

    def __init__(self, host="127.0.0.1", port=0, trouble=""):
        super().__init__((host, port), lambda: STATUS, lambda: trouble)
        self.listens = asyncio.get_running_loop().create_future()

    async def _serve(self, server):
        self.listens.set_result(server.sockets[0].getsockname()[:2])
        await super()._serve(server)


@asynccontextmanager
async def served(**options):
    server = Served(**options)
    running = asyncio.create_task(server.run())
    try:
        yield await asyncio.wait_for(server.listens, 20)
    finally:
        running.cancel()
        await asyncio.wait({running})


async def said(address, request):
    """What is answered until the other side closes."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


async def get(address, path, method="GET", host="127.0.0.1:9180"):
    head, _, body = (await said(address, f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())).partition(
        b"\r\n\r\n"
    )
    lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:])
    assert int(fields["Content-Length"]) == len(body)
    return int(lines[0].split()[1]), fields, body.decode()


async def test_metrics_are_answered_in_the_form_that_prometheus_reads():
    async with served() as address:
        code, fields, body = await get(address, "/metrics?x=1")
    assert (code, fields["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    told = {family.name: family for family in text_string_to_metric_families(body)}
    assert told["gatewayd_source_polls"].samples[0].value == 12
    assert "process_resident_memory_bytes" in told


async def test_a_gateway_that_is_well_says_so():
    async with served() as address:
        assert (await get(address, "/healthz"))[::2] == (200, "ok\n")


async def test_a_gateway_that_is_not_well_says_why():
    async with served(trouble="no line is polled") as address:
        assert (await get(address, "/healthz"))[::2] == (503, "no line is polled\n")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/", 404), ("GET", "/metrics/", 404), ("GET", "/../etc/passwd", 404), ("GET", "http://x/metrics", 404),
     ("POST", "/metrics", 405), ("HEAD", "/healthz", 405), ("get", "/metrics", 405)],
)  # fmt: skip
async def test_nothing_else_is_answered(method, path, code):
    async with served() as address:
        assert (await get(address, path, method))[0] == code


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [(b"\r\n\r\n", b"400"), (b"\x16\x03\x01\xff\xfe\r\n\r\n", b"400"), (b"GET /metrics\r\n\r\n", b"400"),
     (b"GET /metrics HTTP/2\r\n\r\n", b"400"), (b"x" * (2 * LONGEST_HEAD), b"431")],
)  # fmt: skip
async def test_nonsense_is_refused_and_hurts_nobody_else(request_bytes, code):
    async with served() as address:
        try:
            answer = await said(address, request_bytes)
        except ConnectionResetError:  # it had more to say than was read
            answer = b"HTTP/1.1 " + code
        assert answer.split()[1] == code
        assert (await get(address, "/healthz"))[0] == 200


async def test_who_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(module, "HEAD_PATIENCE", 0.05)
    async with served() as address:
        assert await said(address, b"GET /metr") == b""


async def test_who_says_nothing_keeps_nobody_else_from_an_answer():
    async with served() as address:
        silent = [await asyncio.open_connection(*address) for _ in range(3 * MOST)]
        for _, writer in silent:
            writer.write(b"G")
        try:
            for _ in range(3):
                assert (await get(address, "/healthz"))[0] == 200
            assert await asyncio.wait_for(silent[0][0].read(), 20) == b""
        finally:
            for _, writer in silent:
                writer.close()


async def test_more_questions_than_a_few_are_refused_while_those_are_answered(monkeypatch):
    go_on, begun = threading.Event(), []

    async def answered(server, head):
        begun.append(head)
        return await answer(server, head)

    answer = MetricsServer._answer
    monkeypatch.setattr(MetricsServer, "_answer", answered)
    monkeypatch.setattr(module, "_rendered", lambda _: go_on.wait(30) and module._response(module.HTTPStatus.OK))
    async with served() as address:
        asking = [asyncio.create_task(said(address, b"GET /metrics HTTP/1.1\r\n\r\n")) for _ in range(MOST)]
        try:
            async with asyncio.timeout(20):
                while len(begun) < MOST:
                    await asyncio.sleep(0.01)
            with pytest.raises((ConnectionResetError, BrokenPipeError)):
                assert await said(address, b"GET /healthz HTTP/1.1\r\n\r\n") == b"refused"
        finally:
            go_on.set()
        assert {answer.split(b" ")[1] for answer in await asyncio.gather(*asking)} == {b"200"}
        assert (await get(address, "/healthz"))[0] == 200


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:9180", "[::1]:9180", "[::1]", "192.168.7.9", "localhost", "LOCALHOST:9180", "box-7",
     "box-7:9180", "box-7.local", "box-7.plant.example", "box-7.plant.example.:9180"],
)  # fmt: skip
async def test_who_asks_by_an_address_or_a_name_of_this_machine_is_answered(monkeypatch, host):
    monkeypatch.setattr("socket.gethostname", lambda: "Box-7.plant.example")
    async with served() as address:
        assert (await get(address, "/healthz", host=host))[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example.com", "evil.example.com:9180", "box-7.evil.example", "127.0.0.1.evil", ""]
)
@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/"])
async def test_who_asks_by_another_name_is_refused(monkeypatch, host, path):
    monkeypatch.setattr("socket.gethostname", lambda: "box-7.plant.example")
    async with served() as address:
        assert (await get(address, path, host=host))[::2] == (421, module.MISDIRECTED.decode())


async def test_a_second_name_does_not_hide_the_first():
    async with served() as address:
        two = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: evil.example.com\r\n\r\n"
        assert (await said(address, two)).split()[1] == b"421"


async def test_nothing_listens_unless_it_is_told_where():
    await asyncio.wait_for(MetricsServer(None, lambda: STATUS, lambda: "").run(), 1)


async def test_nothing_listens_any_more_after_the_end():
    async with served() as address:
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*address)


def in_use():
    gc.collect()  # what earlier tests have left behind would go in between
    return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


async def test_a_hundred_questions_leave_nothing_behind():
    async with served() as address:
        before = in_use()
        for number in range(100):
            await get(address, "/healthz" if number else "/metrics")
        async with asyncio.timeout(20):
            while in_use() != before:  # the last ones are being taken down
                await asyncio.sleep(0.01)


async def test_a_port_that_is_taken_is_told_once_and_tried_again(monkeypatch):
    monkeypatch.setattr(module, "RETRY", 0.01)
    with capture_logs() as logs:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            server = Served(port=taken.getsockname()[1])
            running = asyncio.create_task(server.run())
            async with asyncio.timeout(20):
                while not logs:
                    await asyncio.sleep(0.01)
        await asyncio.wait_for(server.listens, 20)
        running.cancel()
        await asyncio.wait({running})
    assert [entry["event"] for entry in logs] == ["metrics_unavailable", "metrics_served"]

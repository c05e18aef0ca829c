"""Traffic: what a real device said over TCP is recorded once, and from then on a file stands in for the device.

The file is for reading: one JSON object a line, with the seconds since the connection began and the bytes in hex.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from gatewayd.testing.server import serving

VERSION = 1
CHUNK = 65536


class TrafficError(AssertionError):
    """A source asked something else than what was recorded."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one side said: `by` is "source" or "device", `connection` counts from 1."""

    connection: int
    at: float
    by: str
    bytes: str


@asynccontextmanager
async def recording(path: Path, host: str, port: int) -> AsyncIterator[int]:
    """Stand between a source and the device at `host` and `port`; gives the port for the source to connect to.

    What both said is written to `path` in the end.
    """
    heard: list[Said] = []
    connections = 0

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        number, begun = connections, asyncio.get_running_loop().time()

        async def relay(source: asyncio.StreamReader, target: asyncio.StreamWriter, by: str) -> None:
            with suppress(OSError):
                while data := await source.read(CHUNK):
                    at = round(asyncio.get_running_loop().time() - begun, 4)
                    heard.append(Said(number, at, by, data.hex()))
                    target.write(data)
                    await target.drain()
            target.close()

        device_reader, device_writer = await asyncio.open_connection(host, port)
        try:
            await asyncio.gather(relay(reader, device_writer, "source"), relay(device_reader, writer, "device"))
        finally:
            device_writer.close()

    async with serving(listen) as here:
        yield here
    lines = [
        json.dumps({"traffic": VERSION, "device": f"{host}:{port}"}),
        *(json.dumps(asdict(each)) for each in heard),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@asynccontextmanager
async def replaying(path: Path) -> AsyncIterator[int]:
    """Be the device of a recording; gives the port for the source to connect to.

    The source must say what was recorded, byte for byte; it is answered at once. Raises TrafficError in the end when
    it said anything else. What is after the end of a connection's recording is not answered.
    """
    talks = _talks(path)
    strayed: list[str] = []
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections > len(talks):
            strayed.append(f"connection {connections}: only {len(talks)} were recorded")
            return
        for each in talks[connections - 1]:
            words = bytes.fromhex(each.bytes)
            if each.by == "device":
                writer.write(words)
                await writer.drain()
            elif stray := await _stray(reader, words):
                strayed.append(f"connection {connections}, {each.at:g} s: {stray}")
                return
        await reader.read()

    async with serving(answer) as port:
        yield port
    if strayed:
        raise TrafficError(f"{path.name}: " + "; ".join(strayed))


async def _stray(reader: asyncio.StreamReader, words: bytes) -> str:
    """What is wrong with what a source says instead of `words`; empty: nothing is, or it has hung up."""
    heard = b""
    while len(heard) < len(words) and words.startswith(heard):
        data = await reader.read(len(words) - len(heard))
        if not data:
            return ""
        heard += data
    return "" if heard == words else f"the source said {heard.hex(' ')}, recorded was {words.hex(' ')}"


def _talks(path: Path) -> list[list[Said]]:
    """The recorded connections, each with what was said in it. Raises ValueError when it is no such file."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    if json.loads(head).get("traffic") != VERSION:
        raise ValueError(f"{path}: expected recorded traffic of version {VERSION}, got {head[:60]!r}; record it again")
    talks: dict[int, list[Said]] = {}
    for line in lines:
        each = Said(**json.loads(line))
        talks.setdefault(each.connection, []).append(each)
    return [talks[number] for number in sorted(talks)]

import asyncio
import json
from contextlib import suppress

import pytest

from gatewayd.testing import TrafficError, recording, replaying, serving


async def device(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())


async def talk(port, *lines):
    """What is answered to each line, until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    with suppress(ConnectionResetError):
        for line in lines:
            writer.write(line)
            answers.append(await asyncio.wait_for(reader.readline(), 20))
    writer.close()
    return answers


@pytest.fixture
async def recorded(tmp_path):
    path = tmp_path / "tank.jsonl"
    async with serving(device) as port, recording(path, "127.0.0.1", port) as here:
        assert await talk(here, b"a\n", b"b\n") == [b"A\n", b"B\n"]
        assert await talk(here, b"c\n") == [b"C\n"]
    return path


async def test_what_was_recorded_is_replayed_without_the_device(recorded):
    async with replaying(recorded) as port:
        assert await talk(port, b"a\n", b"b\n") == [b"A\n", b"B\n"]
        assert await talk(port, b"c\n") == [b"C\n"]


async def test_the_file_is_for_reading(recorded):
    head, first, *_ = map(json.loads, recorded.read_text().splitlines())
    assert head["traffic"] == 1
    assert (first["connection"], first["by"], bytes.fromhex(first["bytes"])) == (1, "source", b"a\n")


async def test_a_source_that_asks_something_else_is_told_what(recorded):
    with pytest.raises(TrafficError, match="the source said 78 0a, recorded was 61 0a"):
        async with replaying(recorded) as port:
            assert await talk(port, b"x\n") == [b""]


async def test_a_connection_too_many_is_told(recorded):
    async def three_times():
        async with replaying(recorded) as port:
            for word in (b"a\n", b"c\n", b"d\n"):
                await talk(port, word)

    with pytest.raises(TrafficError, match="connection 3: only 2 were recorded"):
        await three_times()


async def test_a_source_may_hang_up_early(recorded):
    async with replaying(recorded) as port:
        assert await talk(port, b"a\n") == [b"A\n"]


async def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text('{"v": 2}\n')
    with pytest.raises(ValueError, match="expected recorded traffic of version 1"):
        async with replaying(path):
            pass

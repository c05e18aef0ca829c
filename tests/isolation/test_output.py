"""What a process prints: read as it comes, logged within bounds, and what was left out is told."""

import asyncio
import os

import pytest
from structlog.testing import capture_logs

from gatewayd.isolation.output import CHUNK, Output
from gatewayd.testing import simulate


def logged(*script):
    """What is logged, and when, of a script of bytes that are printed and seconds that pass."""
    told = []

    async def printed():
        time = asyncio.get_running_loop().time
        begun = time()
        reads, writes = os.pipe()
        output = Output(reads, "rogue1", rate=1.0)
        with capture_logs() as logs:
            for each in script:
                if isinstance(each, bytes):
                    os.write(writes, each)
                else:
                    await asyncio.sleep(each)
                told.extend((round(time() - begun, 1), entry) for entry in logs[len(told) :])
            output.close()
            told.extend((round(time() - begun, 1), entry) for entry in logs[len(told) :])
        os.close(writes)

    simulate(printed())
    return told


def texts(told):
    return [each["text"] for _, each in told if each["event"] == "process_printed"]


def dropped(told):
    return [(when, each["lines_dropped"]) for when, each in told if each["event"] == "process_prints_too_much"]


def test_each_line_is_logged_as_it_comes_and_the_last_one_when_the_process_has_ended():
    told = logged(b"one\ntw", 1.0, b"o\n\n  \nthree", 1.0)
    assert [(when, each["text"]) for when, each in told] == [(1.0, "one"), (2.0, "two"), (2.0, "three")]
    assert told[0][1] == {"event": "process_printed", "line": "rogue1", "text": "one", "log_level": "info"}


def test_of_many_lines_the_first_are_logged_and_then_one_a_second():
    told = logged(b"".join(b"%d\n" % n for n in range(100)), 1.0, *[b"x\ny\n", 1.0] * 3)
    assert texts(told) == [*map(str, range(60)), "x", "x", "x"]


def test_how_many_were_dropped_is_told_even_if_nothing_more_is_printed():
    """Else nobody would know it until the process ends, which may be never."""
    assert dropped(logged(b"x\n" * 1000, *[1.0] * 30)) == [(10.0, 940)]


def test_who_prints_for_ever_is_told_of_every_ten_seconds_only():
    told = logged(*[b"x\n" * 100, 1.0] * 60)
    assert [when for when, _ in dropped(told)] == [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    assert sum(lines for _, lines in dropped(told)) + len(texts(told)) == 6000


def test_what_was_dropped_at_last_is_told_when_the_process_has_ended():
    assert dropped(logged(b"x\n" * 100, 1.0)) == [(1.0, 40)]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_what_has_no_lines_is_logged_in_pieces(end):
    told = logged(*[b"x" * (CHUNK // 2), 0.1] * 5, end, 0.1)
    assert len(texts(told)) == 2
    assert all(len(text) == 200 for text in texts(told))

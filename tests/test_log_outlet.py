"""The log's outlet: whoever logs never waits for who reads, and is told what got lost."""

import os

import pytest

from gatewayd.log_outlet import MOST, Outlet


@pytest.fixture
def pipe():
    reads, writes = os.pipe()
    yield reads, writes
    os.close(reads)


def full(outlet, line):
    """Write more than the pipe and the outlet can take; how much that was."""
    written = 0
    while not outlet._dropped:
        written += outlet.write(line)
    return written


def drained(reads, count):
    """So many bytes, or more."""
    data = b""
    while len(data) < count:
        data += os.read(reads, 1 << 16)
    return data


def test_lines_are_written_in_their_order(pipe):
    outlet = Outlet(pipe[1], pytest.fail)
    for n in range(100):
        outlet.write(f"{n}\n")
    assert outlet.settle(5.0)
    assert os.read(pipe[0], 1 << 16).split() == [str(n).encode() for n in range(100)]


def test_who_logs_does_not_wait_for_a_reader_that_does_not_read_and_learns_what_got_lost(pipe):
    told = []
    outlet = Outlet(pipe[1], told.append)
    line = "x" * 999 + "\n"
    written = full(outlet, line)
    assert MOST * len(line) < written < (2 * MOST + 100) * len(line)
    assert not outlet.settle(0.0)
    for _ in range(9):
        outlet.write(line)
    drained(pipe[0], written - len(line))
    assert outlet.settle(5.0)
    assert told == [10]


def test_a_reader_that_has_gone_away_is_no_trouble():
    reads, writes = os.pipe()
    os.close(reads)
    outlet = Outlet(writes, pytest.fail)
    outlet.write("hello\n")
    assert outlet.settle(5.0)

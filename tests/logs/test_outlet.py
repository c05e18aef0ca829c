"""The log's outlet: whoever logs never waits for who reads, and is told what got lost."""

import os

import pytest

from gatewayd.logs.outlet import MOST, Outlet

LINE = "x" * 999 + "\n"
PATIENCE = 5.0


@pytest.fixture
def pipe():
    reads, writes = os.pipe()
    yield reads, writes
    os.close(reads)
    os.close(writes)


def filled(outlet):
    """Write more than the pipe and the outlet can take; how much is on its way."""
    written = 0
    while not outlet._dropped:
        written += outlet.write(LINE)
    return written - len(LINE)


def drained(reads, count):
    """So many bytes, or a few more."""
    data = b""
    while len(data) < count:
        data += os.read(reads, 1 << 16)
    return data


def test_lines_are_written_in_their_order(pipe):
    outlet = Outlet(pipe[1], pytest.fail)
    for n in range(100):
        outlet.write(f"{n}\n")
    assert outlet.settle(PATIENCE)
    assert os.read(pipe[0], 1 << 16).split() == [str(n).encode() for n in range(100)]


@pytest.mark.parametrize("blocks", [True, False])
def test_who_logs_does_not_wait_for_a_reader_that_does_not_read_and_learns_what_got_lost(pipe, blocks):
    """Whether a descriptor blocks is up to all that share it, as the programs of a terminal do."""
    os.set_blocking(pipe[1], blocks)
    told = []
    outlet = Outlet(pipe[1], told.append)
    written = filled(outlet)
    assert MOST - len(LINE) < written < 2 * MOST + 100 * len(LINE)
    assert not outlet.settle(0.0)
    for _ in range(9):
        outlet.write(LINE)
    assert drained(pipe[0], written) == LINE.encode() * (written // len(LINE))
    assert outlet.settle(PATIENCE)
    assert told == [10]


def test_one_line_may_be_as_long_as_it_wants(pipe):
    outlet = Outlet(pipe[1], pytest.fail)
    outlet.write("x" * (MOST + 1))
    assert len(drained(pipe[0], MOST + 1)) == MOST + 1


def test_a_reader_that_has_gone_away_is_no_trouble():
    reads, writes = os.pipe()
    os.close(reads)
    outlet = Outlet(writes, pytest.fail)
    outlet.write("hello\n")
    assert outlet.settle(PATIENCE)
    os.close(writes)


def test_what_could_not_be_written_is_told_when_the_next_lines_can(pipe):
    told = []
    full = os.open("/dev/full", os.O_WRONLY)
    outlet = Outlet(full, told.append)
    outlet.write("no space\n")
    assert outlet.settle(PATIENCE)
    os.dup2(pipe[1], full)
    outlet.write("space again\n")
    assert outlet.settle(PATIENCE)
    assert (told, os.read(pipe[0], 100)) == ([1], b"space again\n")
    os.close(full)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_is_forked_off_can_log_and_repeats_nothing(pipe):
    """Threads do not follow a fork, and locks stay held."""
    outlet = Outlet(pipe[1], lambda _: None)
    written = filled(outlet)
    child = os.fork()
    if not child:
        outlet._descriptor = os.dup2(os.open("/dev/null", os.O_WRONLY), pipe[1])
        outlet.write("mine\n")
        os._exit(0 if outlet.settle(PATIENCE) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert drained(pipe[0], written) == LINE.encode() * (written // len(LINE))

"""The clock: how times of this boot become times of day, and how far these can be trusted."""

import time

import pytest

from gatewayd import clock
from gatewayd.clock import ClockState, Dating


@pytest.mark.parametrize(
    ("wall", "vouched", "state"),
    [
        (clock.RELEASED - 1, False, ClockState.UNSET),
        (clock.RELEASED - 1, True, ClockState.UNSET),
        (clock.RELEASED, False, ClockState.SET),
        (clock.RELEASED, True, ClockState.SYNCHRONIZED),
    ],
)
def test_a_clock_is_unset_set_or_synchronized(monkeypatch, wall, vouched, state):
    monkeypatch.setattr(time, "time_ns", lambda: wall)
    monkeypatch.setattr(clock, "synchronized", lambda: vouched)
    dating = clock.dating()
    assert dating.state is state
    assert (dating.offset is None) is (state is ClockState.UNSET)


def test_what_is_not_known_of_a_boot_is_unset():
    assert Dating().state is ClockState.UNSET
    assert Dating(None, vouched=True).state is ClockState.UNSET


def test_a_step_of_the_wall_clock_moves_its_offset_and_nothing_else(monkeypatch):
    offset, now = clock.wall_offset(), clock.now()
    monkeypatch.setattr(time, "time_ns", lambda real=time.time_ns: real() - 3_600_000_000_000)
    if clock.wall_offset() is not None:
        assert offset - clock.wall_offset() == pytest.approx(3_600_000_000_000, abs=1e9)
    assert 0 <= clock.now() - now < 1e9

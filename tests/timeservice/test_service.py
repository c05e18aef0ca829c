"""Who is asked whether the wall clock is right, in which order, and how often."""

import os
import threading
import time

import pytest

from gatewayd.timeservice import TimeService, Voucher, kernel, timesyncd


def saying(answer):
    return lambda: answer


@pytest.mark.parametrize("answer", [True, False])
def test_the_kernel_knows_best(answer):
    service = TimeService(saying(answer), saying(True), saying(True))
    assert service.told() == (answer, Voucher.KERNEL)
    assert service.ask() == (answer, Voucher.KERNEL)
    assert service.synchronized() is answer


def test_where_the_kernel_may_not_be_asked_the_stamp_of_timesyncd_will_do():
    assert TimeService(saying(None), saying(True), saying(False)).told() == (True, Voucher.TIMESYNCD)


def test_timedated_is_asked_by_a_thread_so_that_nobody_waits():
    may_answer, answered = threading.Event(), threading.Event()

    def slow():
        may_answer.wait(10)
        answered.set()
        return True

    service = TimeService(saying(None), saying(None), slow)
    assert service.told() == (None, None)
    assert not service.synchronized()
    may_answer.set()
    assert answered.wait(10)
    until = time.monotonic() + 10
    while service.told() == (None, None) and time.monotonic() < until:
        time.sleep(0.001)
    assert service.told() == (True, Voucher.TIMEDATED)


def test_it_is_asked_for_each_message_and_looks_once_a_second(monkeypatch):
    now, looks, answer = 1000.0, [], False
    monkeypatch.setattr(time, "monotonic", lambda: now)
    service = TimeService(lambda: looks.append(now) or answer, saying(None), saying(None))
    assert not any(service.synchronized() for _ in range(100))
    answer = True
    now += 0.9
    assert not service.synchronized()
    now += 0.2
    assert all(service.synchronized() for _ in range(100))
    assert len(looks) == 2


@pytest.mark.parametrize(("answer", "early", "due"), [(True, 599, 601), (False, 59, 61), (None, 59, 61)])
def test_timedated_is_asked_seldom(monkeypatch, answer, early, due):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    asked = []

    class Now:
        """A thread that has done its work when it is started."""

        def __init__(self, target, **_):
            self.start = target

    monkeypatch.setattr(threading, "Thread", Now)
    service = TimeService(saying(None), saying(None), lambda: asked.append(1) or answer)
    service.told()
    assert len(asked) == 1
    now += early
    service.told()
    assert len(asked) == 1
    now += due - early
    service.told()
    assert len(asked) == 2


def test_asked_outright_timedated_is_waited_for():
    assert TimeService(saying(None), saying(None), saying(False)).ask() == (False, Voucher.TIMEDATED)
    assert TimeService(saying(None), saying(None), saying(None)).ask() == (None, None)


def test_the_kernel_answers_unless_it_may_not_be_asked():
    assert kernel.synchronized() in (True, False, None)


@pytest.mark.parametrize(("state", "off", "says"), [(0, 15_999_999, True), (5, 16_000_000, False), (-1, 0, None)])
def test_the_clock_is_right_while_the_kernel_bounds_its_error(monkeypatch, state, off, says):
    class Libc:
        def adjtimex(self, timex):
            assert timex.raw == b"\0" * 208, "nothing may be changed"
            timex[24:32] = off.to_bytes(8, "little")
            return state

    monkeypatch.setattr(kernel, "_libc", Libc)
    assert kernel.synchronized() is says


def test_timesyncds_stamp_is_good_for_nine_hours(tmp_path):
    stamp = tmp_path / "synchronized"
    assert timesyncd.synchronized(stamp) is None
    stamp.touch()
    assert timesyncd.synchronized(stamp) is True
    os.utime(stamp, (time.time() - 33_000,) * 2)
    assert timesyncd.synchronized(stamp) is None

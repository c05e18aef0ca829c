"""How long a plugin holds the event loop, which is told apart from what other processes take of the processor."""

import time

import pytest

from gatewayd.testing.suite import holding
from gatewayd.testing.suite.holding import held, kept_waiting


async def block():
    time.sleep(0.1)  # noqa: ASYNC251 - just that


async def test_who_blocks_holds_everything_up():
    assert await held(block) > 0.05


async def test_a_busy_machine_is_nobodys_fault(monkeypatch):
    waited = [0.0]

    async def wait_for_a_processor():
        await block()
        waited[0] += 0.1

    monkeypatch.setattr(holding, "kept_waiting", lambda: kept_waiting() + waited[0])
    assert await held(wait_for_a_processor) < 0.05


def test_what_a_thread_waits_for_a_processor_only_grows():
    before = kept_waiting()
    assert kept_waiting() >= before >= 0.0


@pytest.mark.parametrize("told", [None, "", "1", "1 x 2"])
def test_where_the_kernel_does_not_tell_nobody_has_waited(tmp_path, monkeypatch, told):
    monkeypatch.setattr(holding, "SCHEDULING", tmp_path / "schedstat")
    if told is not None:
        holding.SCHEDULING.write_text(told)
    assert kept_waiting() == 0.0

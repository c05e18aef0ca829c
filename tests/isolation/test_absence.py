import asyncio

import numpy as np
from fake_field import FakeSource, _plan

from gatewayd.isolation.absence import Absence
from gatewayd.model import Quality
from gatewayd.testing import simulate


def told(script, interval=1.0):
    """The outcomes that are told while an absence goes through a script."""
    plan, configured = _plan({"pump1": FakeSource(names=("a", "b"))}, interval, True)
    outcomes = []

    async def absent():
        time = asyncio.get_running_loop().time
        begun = time()
        absence = Absence(configured, plan, lambda polled: outcomes.append((time() - begun, polled)))
        absence.begin("it starts", grace=5.0)
        task = asyncio.create_task(absence.run())
        await script(absence)
        task.cancel()

    simulate(absent())
    return outcomes


def test_nothing_is_due_while_the_first_start_may_still_succeed():
    async def script(absence):
        await asyncio.sleep(7.5)

    outcomes = told(script)
    assert [round(time, 3) for time, _ in outcomes] == [5.0, 6.0, 7.0]
    first = outcomes[0][1]
    assert (first.group, first.failed, first.missed, first.reasons) == (
        0,
        True,
        0,
        {"a": "it starts", "b": "it starts"},
    )
    assert first.qualities.tolist() == 2 * [Quality.BAD]
    assert np.isnan(first.values).all()


def test_while_there_is_a_process_nothing_is_told_and_then_what_is_due_after_its_last_outcome():
    async def script(absence):
        absence.end()
        await asyncio.sleep(20.3)
        absence.done(0)
        await asyncio.sleep(0.5)
        absence.begin("it failed")
        await asyncio.sleep(2)

    assert [(round(time, 3), polled.reasons["a"]) for time, polled in told(script)] == [
        (21.3, "it failed"),
        (22.3, "it failed"),
    ]


def test_polls_that_a_silent_process_did_not_make_are_missed():
    async def script(absence):
        absence.end()
        absence.done(0)
        await asyncio.sleep(5.5)
        absence.begin("it failed")
        await asyncio.sleep(1)

    assert [(round(time, 3), polled.missed) for time, polled in told(script)] == [(5.5, 4), (6.0, 0)]

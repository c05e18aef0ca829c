"""The calculator: results come back in order, and what a calculation does stays its own affair."""

import asyncio
import sys
import threading
import time

import numpy as np
import pytest
from structlog.testing import capture_logs
from workbench import Held, Workbench, request, told

from gatewayd.calculator import still_running
from gatewayd.model import Quality


@pytest.fixture
def benches():
    """Makes benches, and clears them up."""
    made = []
    yield lambda **options: made.append(Workbench(**options)) or made[-1]
    for bench in made:
        bench.calculator.close()


NAN = pytest.approx(float("nan"), nan_ok=True)


async def test_a_result_comes_back_as_an_input_of_the_windows_time(benches):
    bench = benches(double=lambda asked: [2 * asked.values.sum()])
    bench.ask(7)
    (computed,) = await bench.answers(1)
    assert told(computed) == (0, 7, [6.0], Quality.GOOD, "")
    assert computed.values.dtype == np.float64


async def test_a_result_is_no_better_than_its_window(benches):
    bench = benches(one=lambda asked: [1])
    bench.calculator.compute([request(quality=Quality.UNCERTAIN)])
    assert (await bench.answers(1))[0].quality is Quality.UNCERTAIN


async def test_code_runs_in_a_thread_of_its_plugin_and_results_are_fed_in_the_loops(benches):
    names = []
    note = lambda asked: names.append(threading.current_thread().name) or [0.0]  # noqa: E731
    bench = benches(tank__sludge=note, tank__foam=note, mill__grit=note, bearing=note)
    for number in range(4):
        bench.ask(1, calculation=number)
    await bench.answers(4)
    assert sorted(names) == ["calculating gatewayd", "calculating mill", *["calculating tank"] * 2]
    assert bench.fed_in == {threading.current_thread()}


async def test_the_windows_of_one_input_are_all_computed_in_their_order(benches):
    bench = benches(time=lambda asked: [asked.time])
    bench.ask(*range(20))
    assert [computed.time for computed in await bench.answers(20)] == list(range(20))
    assert bench.status().passed_over == 0


async def test_windows_that_come_while_a_calculation_is_at_work_are_passed_over_and_counted(benches):
    held = Held()
    bench = benches(held=held)
    with capture_logs() as logs:
        bench.ask(1, 2)
        await held.has_begun()
        bench.ask(3)
        bench.ask(4, 5)
        held.let_go(2)
        await bench.answers(2)
        bench.ask(6)
        held.let_go()
        await bench.answers(3)
    assert [computed.time for computed in bench.fed] == [1, 2, 6]
    assert (bench.status().count, bench.status().passed_over) == (3, 3)
    assert [(each["event"], each["feature"], each["reason"]) for each in logs] == [
        ("feature_slow", "held", "the next window came before it was done")
    ]


async def test_a_burst_of_very_many_windows_is_computed_in_part(benches):
    held = Held()
    bench = benches(held=held)
    bench.ask(*range(100))
    held.let_go(64)
    assert [computed.time for computed in await bench.answers(64)] == list(range(64))
    assert bench.status().passed_over == 36


async def test_a_plugin_that_takes_long_holds_up_neither_others_nor_ours(benches):
    held = Held()
    bench = benches(tank__sludge=held, mill__grit=lambda asked: [1], bearing=lambda asked: [2])
    bench.ask(1)
    await held.has_begun()
    bench.ask(1, calculation=1)
    bench.ask(1, calculation=2)
    assert {computed.calculation for computed in await bench.answers(2)} == {1, 2}
    held.let_go()
    assert (await bench.answers(3))[2].calculation == 0


class MuteError(Exception):
    def __str__(self):
        raise KeyboardInterrupt


def fail(error):
    raise error


FAILURES = {
    "raises": (lambda asked: 1 / 0, "ZeroDivisionError: division by zero"),
    "exits": (lambda asked: sys.exit("goodbye"), "SystemExit: goodbye"),
    "gives nothing": (lambda asked: None, "gave None, which is no number"),
    "gives text": (lambda asked: ["full"], "gave 'full', which is no number"),
    "gives an array for a number": (lambda asked: [np.ones(3)], "gave array([1., 1., 1.]), which is no number"),
    "gives a complex number": (lambda asked: [1j], "gave 1j, which is no number"),
    "gives infinity": (lambda asked: [-np.inf], "gave -inf, which is no finite number"),
    "gives too many": (lambda asked: [1, 2], "gave 2 numbers instead of 1"),
    "raises what cannot speak": (lambda asked: fail(MuteError), "MuteError"),
    "gives too few": (lambda asked: [], "gave 0 numbers instead of 1"),
    "has a bug": (lambda asked: asked.nothing, "AttributeError: 'Request' object has no attribute 'nothing'"),
}


@pytest.mark.parametrize(("function", "reason"), FAILURES.values(), ids=FAILURES)
async def test_a_failure_is_a_bad_result_with_the_reason_and_the_next_window_is_computed(benches, function, reason):
    bench = benches(tank__sludge=lambda asked: function(asked) if asked.time == 1 else [3])
    with capture_logs() as logs:
        bench.ask(1, 2)
        bad, good = await bench.answers(2)
    assert told(bad) == (0, 1, [NAN], Quality.BAD, reason)
    assert told(good) == (0, 2, [3.0], Quality.GOOD, "")
    assert (bench.status().count, bench.status().failed, bench.status().last_error) == (2, 1, reason)
    assert bench.status().state == "ok"
    (event,) = logs
    assert (event["event"], event["feature"], event["plugin"]) == ("feature_failed", "tank.sludge", "tank")
    assert event["reason"] == reason


async def test_an_array_without_dimensions_is_a_number(benches):
    bench = benches(mean=lambda asked: [np.asarray(asked.values.mean())])
    bench.ask(1)
    (computed,) = await bench.answers(1)
    assert told(computed) == (0, 1, [1.5], Quality.GOOD, "")


async def test_a_failure_is_told_once_with_its_traceback(benches):
    bench = benches(tank__sludge=lambda asked: 1 / 0)
    with capture_logs() as logs:
        for time in range(5):
            bench.ask(time)
            await bench.answers(time + 1)
    assert [type(event["exc_info"]) for event in logs] == [ZeroDivisionError]
    assert bench.status().state == "failing"


async def test_a_result_that_is_not_a_number_is_bad_and_nothing_to_log(benches):
    bench = benches(results=2, half=lambda asked: [1.0, float("nan")])
    with capture_logs() as logs:
        bench.ask(1)
        (computed,) = await bench.answers(1)
    assert told(computed) == (0, 1, [1.0, NAN], Quality.GOOD, "the result is NaN")
    assert (bench.status().state, bench.status().failed) == ("ok", 0)
    assert logs == []


async def test_the_results_of_a_bearing_are_four_which_are_no_channels_of_their_own(benches):
    bench = benches(results=0, drive_end=lambda asked: [1, 2, 3, 25])
    bench.ask(1)
    assert (await bench.answers(1))[0].values.tolist() == [1, 2, 3, 25]


# --- what does not return -----------------------------------------------------------------------------------------


async def test_a_call_that_does_not_return_is_given_up_and_its_plugin_refused_until_it_does(benches):
    held = Held()
    bench = benches(limit=60, tank__sludge=held, tank__foam=lambda asked: [1], mill__grit=lambda asked: [2])
    with capture_logs() as logs:
        bench.ask(1, 2)
        bench.ask(1, calculation=1)
        await held.has_begun()
        its_time_is_over(bench, "tank")
        await bench.answers(3)
        refusal = "tank is still computing tank.sludge"
        assert list(map(told, bench.fed)) == [
            (0, 1, [NAN], Quality.BAD, "still computing after 60 s"),
            (0, 2, [NAN], Quality.BAD, refusal),
            (1, 1, [NAN], Quality.BAD, refusal),
        ]
        assert [status.state for status in bench.calculator.status()] == ["stuck", "failing", "starting"]
        bench.ask(3, calculation=1)
        assert len(bench.fed) == 3, "the engine is not fed while it asks"
        bench.ask(3, calculation=2)
        await bench.answers(5)
        assert {told(computed)[::4] for computed in bench.fed[3:]} == {(1, refusal), (2, "")}
        held.let_go()
        await until_free(bench, "tank")
        bench.ask(4, calculation=1)
        assert told((await bench.answers(6))[5]) == (1, 4, [1.0], Quality.GOOD, "")
    assert [(event["event"], event["feature"]) for event in logs] == [("feature_failed", "tank.sludge")]
    assert bench.status().state == "failing"
    assert bench.status().longest_ms > 0
    assert [status.failed for status in bench.calculator.status()] == [2, 2, 0]


def its_time_is_over(bench, plugin):
    """What a lane's timer does, now: with a short limit a busy machine would exceed it elsewhere, too."""
    bench.calculator._lanes[plugin]._expire()


async def until_free(bench, plugin):
    """Wait until a plugin's call has returned; nothing is fed then."""
    lane = bench.calculator._lanes[plugin]
    free = asyncio.Event()
    lane._go_on, go_on = lambda: (go_on(), free.set()), lane._go_on
    async with asyncio.timeout(10):
        await free.wait()


async def test_a_call_that_returns_just_in_time_is_not_given_up(benches):
    bench = benches(limit=60, quick=lambda asked: [5])
    lane = bench.calculator._lanes["gatewayd"]
    reported = reports(lane)
    bench.ask(1)
    assert reported.wait(10)
    lane._expire()
    lane.settle()
    assert [told(computed) for computed in bench.fed] == [(0, 1, [5.0], Quality.GOOD, "")]


def reports(lane):
    """Set once the lane's worker has reported. Waited for in the loop's thread, it finds the loop unaware of that."""
    reported = threading.Event()
    report = lane._report
    lane._report = lambda outcome: (report(outcome), reported.set())
    return reported


def all_have_ended(plugin):
    """Whether its calls have returned; a thread that waits for more to do stays."""
    patience = time.monotonic() + 10
    while plugin in still_running() and time.monotonic() < patience:
        time.sleep(0.001)
    return not still_running()


# --- another plan -------------------------------------------------------------------------------------------------


async def test_what_is_the_same_in_another_plan_goes_on_and_answers_under_its_new_number(benches):
    held = Held()
    bench = benches(tank__sludge=held, mill__grit=lambda asked: [7.0])
    bench.ask(1, 2)
    await held.has_begun()
    bench.turn_to(mill__grit=lambda asked: [8.0], tank__sludge=lambda asked: [-1.0])
    held.let_go()
    assert [told(each)[:3] for each in await bench.answers(1)] == [(1, 1, [1.0])]
    held.let_go()
    bench.ask(3)
    await bench.answers(3)
    assert sorted(told(each)[:3] for each in bench.fed) == [(0, 3, [8.0]), (1, 1, [1.0]), (1, 2, [2.0])]
    assert bench.status(1).count == 2, "counts go on"


async def test_what_is_gone_from_another_plan_is_not_answered_and_holds_nothing_up_but_its_plugin(benches):
    held = Held()
    bench = benches(tank__sludge=held, tank__foam=lambda asked: [2.0])
    bench.ask(1, 2)
    await held.has_begun()
    bench.turn_to(tank__foam=lambda asked: [3.0])
    bench.ask(5)
    held.let_go()
    assert [told(each)[:3] for each in await bench.answers(1)] == [(0, 5, [3.0])]
    assert len(bench.fed) == 1


async def test_what_is_stuck_is_called_anew_after_another_plan(benches):
    held = Held()
    bench = benches(tank__sludge=held)
    bench.ask(1)
    await held.has_begun()
    its_time_is_over(bench, "tank")
    await bench.answers(1)
    bench.turn_to(tank__sludge=lambda asked: [3.0])
    assert still_running() == {"tank": 1}
    bench.ask(2)
    assert told((await bench.answers(2))[1]) == (0, 2, [3.0], Quality.GOOD, "")
    held.let_go()
    assert all_have_ended("tank")


async def test_a_plugin_that_has_nothing_to_do_in_another_plan_is_let_go(benches):
    held = Held()
    bench = benches(tank__sludge=held, mill__grit=lambda asked: [7.0])
    bench.ask(1)
    await held.has_begun()
    bench.turn_to(mill__grit=lambda asked: [8.0])
    bench.ask(2)
    assert told((await bench.answers(1))[0])[:3] == (0, 2, [8.0])
    held.let_go()
    assert all_have_ended("tank")
    assert len(bench.fed) == 1


# --- the end ------------------------------------------------------------------------------------------------------


async def test_at_the_end_what_is_done_is_fed_and_what_is_not_is_abandoned(benches):
    held = Held()
    bench = benches(tank__sludge=held, quick=lambda asked: [5])
    reported = reports(bench.calculator._lanes["gatewayd"])
    bench.ask(1, 2)
    await held.has_begun()
    bench.ask(1, calculation=1)
    assert reported.wait(10)
    bench.calculator.close()
    assert [told(computed) for computed in bench.fed] == [(1, 1, [5.0], Quality.GOOD, "")]
    assert still_running()["tank"] == 1
    held.let_go(2)
    assert all_have_ended("tank")
    assert len(bench.fed) == 1
    assert not held.begun.acquire(blocking=False), "what waited is not begun any more"


async def test_what_ends_after_the_end_is_not_fed_although_the_calculator_runs_on(benches):
    held = Held()
    bench = benches(limit=0.2, tank__sludge=held)
    reported = reports(bench.calculator._lanes["tank"])
    bench.ask(1)
    await held.has_begun()
    bench.calculator.close()
    held.let_go()
    assert reported.wait(10)
    await asyncio.sleep(0.3)
    assert bench.fed == []


async def test_what_is_left_behind_is_not_fed_whenever_it_ends(benches):
    """It is stuck, has been asked again, and ends while another plan is taken on: all that was of the plan before."""
    held = Held()
    bench = benches(tank__sludge=held, mill__grit=lambda asked: [7.0])
    reported = reports(bench.calculator._lanes["tank"])
    bench.ask(1)
    await held.has_begun()
    its_time_is_over(bench, "tank")
    await bench.answers(1)
    held.let_go()
    assert reported.wait(10)
    bench.turn_to(mill__grit=lambda asked: [8.0])
    bench.ask(2)
    await bench.answers(2)
    await asyncio.sleep(0.05)
    assert [told(each)[:2] for each in bench.fed] == [(0, 1), (0, 2)]
    assert bench.fed[1].values == [8.0]


async def test_after_a_reload_a_plugin_that_hangs_gets_new_threads_but_not_for_ever(benches):
    held, earlier = Held(), []
    with capture_logs() as logs:
        for count in range(1, 4):
            earlier.append(benches(limit=0.01, tank__sludge=held))
            earlier[-1].ask(1)
            await earlier[-1].answers(1)
            earlier[-1].calculator.close()
            assert still_running() == {"tank": count}
    assert [event["event"] for event in logs] == ["feature_failed", "feature_abandoned"] * 3
    last = benches(tank__sludge=held, mill__grit=lambda asked: [2])
    last.ask(1)
    last.ask(1, calculation=1)
    await last.answers(2)
    assert {computed.reason for computed in last.fed} == {"3 calls of tank from before a reload are still running", ""}
    held.let_go(4)
    assert all_have_ended("tank")
    last.ask(2)
    assert told((await last.answers(3))[2]) == (0, 2, [2.0], Quality.GOOD, "")
    assert all(len(bench.fed) == 1 for bench in earlier)


def test_a_call_that_does_not_return_keeps_neither_the_loop_nor_the_process(benches):
    held = Held()

    async def run():
        bench = benches(tank__sludge=held)
        bench.ask(1)
        await held.has_begun()
        bench.calculator.close()

    asyncio.run(run())
    (worker,) = [thread for thread in threading.enumerate() if getattr(thread, "abandoned", False)]
    assert worker.daemon
    held.let_go()
    worker.join(10)
    assert not worker.is_alive(), "a closed loop does not trouble it"

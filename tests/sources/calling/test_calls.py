import asyncio
import sys

import pytest

from gatewayd.foreign import LONGEST
from gatewayd.plugin import SourceError
from gatewayd.sources.calling.calls import CallFailed, Calls
from gatewayd.testing import simulate


def outcome(foreign, limit=1.0):
    """What becomes of a call."""

    async def call():
        try:
            return await Calls().call(foreign, limit)
        except CallFailed as failure:
            return failure

    return simulate(call())


def raising(error):
    async def foreign():
        raise error

    return foreign


def test_what_a_plugin_gives_is_given():
    async def foreign():
        return 42

    assert outcome(foreign) == 42


@pytest.mark.parametrize(
    ("error", "reason", "is_bug"),
    [
        (SourceError("no answer within 1 s"), "no answer within 1 s", False),
        (SourceError(), "SourceError", False),
        (SourceError("two\n  lines"), "two lines", False),
        (ConnectionRefusedError(111, "refused"), "ConnectionRefusedError: [Errno 111] refused", False),
        (TimeoutError(), "TimeoutError", False),
        (EOFError("end"), "EOFError: end", False),
        (KeyError("level"), "KeyError: 'level'", True),
        (ZeroDivisionError(), "ZeroDivisionError", True),
        (SystemExit(3), "SystemExit: 3", True),
        (asyncio.CancelledError(), "the plugin cancelled its own call", False),
    ],
    ids=repr,
)
def test_whatever_a_plugin_raises_is_one_kind_of_failure_and_a_bug_keeps_its_traceback(error, reason, is_bug):
    failure = outcome(raising(error))
    assert isinstance(failure, CallFailed)
    assert str(failure) == reason
    assert not failure.broken_off
    assert failure.traceback == ({"exc_info": error} if is_bug else {})


def test_a_failure_before_the_first_await_is_no_different():
    assert str(outcome(lambda: 1 / 0)) == "ZeroDivisionError: division by zero"


def test_a_plugin_that_gives_nothing_to_await_is_a_failure():
    assert str(outcome(lambda: 5)) == "TypeError: expected an `async def`, got one that gave 5 at once"


def test_a_long_reason_is_cut():
    reason = str(outcome(raising(SourceError("x" * 10_000))))
    assert len(reason) == LONGEST
    assert reason.endswith("x…")


def test_a_reason_that_could_not_be_sent_is_spelt_out():
    assert str(outcome(raising(SourceError("no file \udcff")))) == "no file \\udcff"


def test_the_gateways_own_end_is_not_taken_for_a_failure():
    with pytest.raises(KeyboardInterrupt):
        outcome(raising(KeyboardInterrupt()))


@pytest.mark.parametrize("swallows", [None, "returns", "raises"])
def test_a_call_that_takes_too_long_is_broken_off_whatever_it_makes_of_that(swallows):
    async def foreign():
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            if swallows == "returns":
                return "too late"
            if swallows == "raises":
                raise SourceError("interrupted") from None
            raise
        return "in time"

    failure = outcome(foreign, limit=2.5)
    assert isinstance(failure, CallFailed)
    assert failure.broken_off
    assert str(failure) == "broken off after 2.5 s"


def test_a_time_out_of_the_plugins_own_is_an_ordinary_failure():
    async def foreign():
        async with asyncio.timeout(0.5):
            await asyncio.sleep(100)

    failure = outcome(foreign)
    assert (str(failure), failure.broken_off) == ("TimeoutError", False)


@pytest.mark.parametrize("swallows", [False, True])
def test_being_stopped_is_passed_on_even_when_the_plugin_swallows_it(swallows):
    async def foreign():
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            if not swallows:
                raise

    async def stopped():
        calls = Calls()
        task = asyncio.create_task(calls.call(foreign, 50.0))
        await asyncio.sleep(1)
        calls.stopping = True
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled()

    assert simulate(stopped())


def test_a_call_made_while_stopping_fails_like_any_other():
    async def closing():
        calls = Calls()
        calls.stopping = True
        with pytest.raises(CallFailed):
            await calls.call(raising(asyncio.CancelledError()), 1.0)
        return True

    assert simulate(closing())


def test_an_exception_that_cannot_be_put_into_words_does_no_harm():
    class UnspeakableError(Exception):
        def __str__(self):  # noqa: PLE0307 - that is the point
            sys.exit("not even its text")

    assert str(outcome(raising(UnspeakableError()))) == "UnspeakableError"

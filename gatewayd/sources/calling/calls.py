"""Calls into plugins: bounded in time, and whatever they raise becomes one kind of failure."""

from __future__ import annotations

import asyncio
import reprlib
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

from gatewayd.errors import GatewaydError
from gatewayd.foreign import OURS, raised, said
from gatewayd.plugin import SourceError
from gatewayd.sources.calling.accounts import LONG, Account
from gatewayd.sources.calling.deadline import Deadline

HOLD_LIMIT = 1.0
"""Seconds for which a plugin may compute or block without awaiting: for so long nothing else in the gateway runs."""
T = TypeVar("T")


class CallFailed(GatewaydError):  # noqa: N818 - it is an event of every day
    """A call into a plugin failed; its text is the reason in one line.

    `broken_off`: the call did not end by itself. `held`: for how many seconds it kept everything else waiting.
    `traceback`: fields for the log that show where the plugin is wrong, when no device leads to what it raised.
    """

    def __init__(
        self, reason: str, *, broken_off: bool = False, held: float = 0.0, bug: BaseException | None = None
    ) -> None:
        self.broken_off = broken_off
        self.held = held
        self.traceback = {"exc_info": bug} if bug else {}
        super().__init__(reason)


class Calls:
    """The calls that are made for one line, one at a time, by one task."""

    def __init__(self) -> None:
        self.stopping = False
        """Set before the task that makes the calls is cancelled: other cancellations are a plugin's own."""
        self.account = Account()
        """Whose calls they are at present."""
        self._deadline = Deadline()

    @property
    def ignored(self) -> bool:
        """Whether a call goes on although it was broken off some time ago."""
        return self._deadline.ignored

    async def call(self, foreign: Callable[[], Awaitable[T]], limit: float) -> T:
        """What `foreign` gives, within `limit` seconds.

        Raises CallFailed for whatever it raises, and CancelledError when the line was stopped meanwhile.
        """
        already_stopping = self.stopping
        account = self.account
        steps = Steps(foreign, account)
        raised: BaseException | None = None
        self._deadline.begin(limit)
        try:
            given = await steps
        except OURS:
            raise
        except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
            raised = error
        self._deadline.end()
        if self.stopping and not already_stopping:
            raise asyncio.CancelledError  # whatever the plugin has made of it
        if self._deadline.passed or raised is not None or steps.held > HOLD_LIMIT:
            account.failures += 1
            raise self._failure(raised, steps.held, limit) from raised
        return given

    def _failure(self, error: BaseException | None, held: float, limit: float) -> CallFailed:
        if self._deadline.passed:
            return CallFailed(f"broken off after {limit:g} s", broken_off=True, held=held)
        if error is not None:
            return CallFailed(in_words(error), held=held, bug=_bug(error))
        return CallFailed(_holding(held), held=held)


class Steps(Generic[T]):
    """An awaitable that takes the steps of another one and notes how long the longest took, in `held` seconds.

    A step is what runs from one wait to the next; meanwhile nothing else does. They are entered into `account`.
    """

    __slots__ = ("_account", "_foreign", "held")

    def __init__(self, foreign: Callable[[], Awaitable[T]], account: Account) -> None:
        self._foreign = foreign
        self._account = account
        self.held = 0.0

    def __await__(self) -> Generator[Any, Any, T]:
        """Like `yield from`, with a look at the clock before and after each step."""
        time = asyncio.get_running_loop().time
        longest = spent = 0.0
        begun = time()
        try:
            steps = _steps(self._foreign())
            take, given = steps.send, None
            while True:
                try:
                    wish = take(given)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                finally:
                    took = time() - begun
                    spent += took
                    if took > longest:  # noqa: PLR1730 - quicker than max()
                        longest = took
                    if took > LONG:
                        self._account.holds += 1
                try:
                    take, given = steps.send, (yield wish)
                except BaseException as error:  # noqa: BLE001 - it is meant for the plugin
                    take, given = steps.throw, error
                begun = time()
        finally:
            self.held = longest
            self._account.add(spent, longest)


def _steps(awaitable: Any) -> Any:
    if not hasattr(awaitable, "__await__"):
        raise TypeError(f"expected an `async def`, got one that gave {reprlib.repr(awaitable)} at once")
    return awaitable.__await__()


def in_words(error: BaseException) -> str:
    """What an exception says, in one line of reasonable length."""
    if isinstance(error, asyncio.CancelledError):
        return "the plugin cancelled its own call"
    spoken = said(error) if isinstance(error, SourceError | GatewaydError) else ""
    return spoken or raised(error)


def _bug(error: BaseException) -> BaseException | None:
    """The exception itself, unless it is one that a device, a network or a cancellation brings about."""
    harmless = SourceError | OSError | EOFError | GatewaydError | asyncio.CancelledError
    return None if isinstance(error, harmless) else error


def _holding(seconds: float) -> str:
    return f"held up its whole process for {seconds:.1f} s: it must await what takes long (asyncio.to_thread can)"

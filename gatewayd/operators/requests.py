"""Requests of operators: what each command must be told, and how it is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from gatewayd import clock
from gatewayd.config.words import did_you_mean, listed, quoted
from gatewayd.errors import GatewaydError
from gatewayd.foreign import one_line
from gatewayd.model import Command, Order
from gatewayd.records import Alarm, ModelNews, Output, Stamp

Do = Callable[[Command], Output]
"""Feeds the engine with a command and gives what came of it."""
Age = Callable[[Stamp], float | None]
"""How many seconds ago something was, if that is known."""
Name = Annotated[str, msgspec.Meta(max_length=300)]
_CONTROLS = frozenset({"Cc", "Cf", "Cs"})
"""The categories of characters that do something instead of being seen."""
LONGEST = 30 * 86400
"""Seconds that an order may hold."""

R = TypeVar("R", bound="Request")


class RefusedError(GatewaydError):
    """An order cannot be followed."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that needs nothing more."""


class Ordering(Request, frozen=True, kw_only=True):
    """An order: who gives it, and why."""

    by: Name = ""
    why: Name = ""


class OfRule(Ordering, frozen=True, kw_only=True):
    """An order about a rule's alarm."""

    rule: Name


class OfRuleForTime(OfRule, frozen=True, kw_only=True):
    """The same, to hold for so many seconds."""

    seconds: float


class OfModel(Ordering, frozen=True, kw_only=True):
    """An order about a model, or one of its versions (0: the one before that in force)."""

    model: Name
    version: Annotated[int, msgspec.Meta(ge=0)] = 0


class Card(Request, frozen=True, kw_only=True):
    """The card of a version of a model is wanted (0: of the one in force)."""

    model: Name
    version: Annotated[int, msgspec.Meta(ge=0)] = 0


class OfAsset(Ordering, frozen=True, kw_only=True):
    """An order about an asset, to hold for so many seconds (0: until it is taken back)."""

    asset: Name
    seconds: float = 0


def taking(kind: type[R], work: Callable[[R], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """A command whose arguments must be of this kind."""

    def command(arguments: Mapping[str, Any]) -> Any:
        try:
            request = msgspec.convert(arguments, kind)
        except msgspec.ValidationError as error:
            raise RefusedError(f"this cannot be asked for: {error}") from error
        if isinstance(request, Ordering):
            _check_words(request)
        return work(request)

    return command


def _check_words(order: Ordering) -> None:
    """What is told to others must not do anything to the terminal of who reads it; white space becomes a blank."""
    for name, words in (("by", order.by), ("why", order.why)):
        if any(unicodedata.category(each) in _CONTROLS for each in "".join(words.split())):
            raise RefusedError(f"`{name}` has control characters in it: say it in plain words")


def ordered(order: Order, subject: str, request: Ordering, *, seconds: float = 0, version: int = 0) -> Command:
    """An order as the engine takes it. Raises RefusedError for one that would hold for too long."""
    if not 0 <= seconds <= LONGEST:
        raise RefusedError(f"an order may hold for {LONGEST // 86400}d at most, it can be given again")
    by, why = one_line(request.by), one_line(request.why)
    return Command(clock.now(), order, subject, round(seconds * 1e9), version, by, why)


def told(output: Output) -> list[str]:
    """What came of an order, in the words of what is told upstream."""
    return [record.reason for record in output.records if isinstance(record, Alarm | ModelNews)]


def known(name: str, names: Iterable[str], what: str) -> None:
    """Refuse a name that nothing has."""
    names = list(names)
    if name not in names:
        meant = did_you_mean(name, names, "known are") if names else f"the config has no {what}s"
        raise RefusedError(f"no {what} is called {quoted(name)}; {meant}")


def some(names: Iterable[str], none: str) -> str:
    """Names in a sentence."""
    return listed(sorted(names)) or none

"""What a source declares, from its options alone."""

from __future__ import annotations

import inspect
import math
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from typing import Any
from unittest import mock

from gatewayd.plugin import Effort, Source
from gatewayd.registry.registry import Registry
from gatewayd.testing.hand import Hand
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.running import run
from gatewayd.testing.suite.subject import Subject, made
from gatewayd.testing.suite.ucum import is_unit
from gatewayd.ucum import meant

LONGEST_LIMIT = 3600.0
LARGEST_MEMORY = 64 * 1024
RUBBISH = (b"", b"\0", b"{}", b"\x80", b"null", b"\xff" * 64, bytes(range(256)), b"[" * 500)
"""What may stand where the memory of an earlier version was."""


class DeclaringTests(Subject):
    """Tests of what a source says of itself before it is opened."""

    def test_its_options_are_the_fields_of_a_dataclass(self) -> None:
        """It is made of what the config says, checked by the fields' types."""
        kind = Registry().source_type(self.plugin)
        demand(
            holds=is_dataclass(kind) or not {"__init__", "__annotations__"} & set(vars(kind)),
            what=f"{kind.__name__} is no dataclass, so that it has no options",
            fix="put @dataclass of dataclasses before it, and write its options as fields (`host: str`)",
        )

    def test_its_methods_take_what_gatewayd_gives(self) -> None:
        """They are called by the arguments of those of `Source`."""
        kind = Registry().source_type(self.plugin)
        demand(holds=kind.poll is not Source.poll, what=f"{kind.__name__} has no poll", fix="write `async def poll`")
        for name, wanted in inspect.getmembers(Source, inspect.isfunction):
            given = getattr(kind, name)
            if given is not wanted and not name.startswith("_"):
                _demand_call(kind, name, inspect.signature(wanted), given)

    def test_it_declares_the_same_again_without_asking_anyone(self) -> None:
        """A config is checked on a desk, far from any device; and a reload compares what was declared."""

        async def declare() -> None:
            async with self.present() as table:
                with _cut_off():
                    first, *others = [_declared(hand) for hand in (made(table), made(table)) for _ in range(2)]
                for other in others:
                    demand(
                        holds=first == other,
                        what=f"it declares {first}, then {other}",
                        fix="declare from options alone",
                    )

        run(declare())

    def test_its_units_are_ucum(self) -> None:
        """Features and rules convert by them, and so do others who read the messages."""

        async def declare() -> None:
            async with self.declared() as hand:
                for channel in hand.source.declare():
                    right = meant(channel.unit)
                    demand(
                        holds=is_unit(channel.unit),
                        what=f"the unit of {channel.name} is {channel.unit!r}, which is no UCUM code",
                        fix=f"{right!r} is meant" if is_unit(right) else "see https://ucum.org",
                    )

        run(declare())

    def test_what_it_lets_be_set_it_can_set(self) -> None:
        """`gatewayd write` offers each channel that is writable."""

        async def declare() -> None:
            async with self.declared() as hand:
                kind = type(hand.source)
                for channel in hand.source.declare():
                    demand(
                        holds=channel.writable is None or kind.write is not Source.write,
                        what=f"{channel.name} is writable, and {kind.__name__} has no write",
                        fix="write `async def write(self, channel, value)`",
                    )

        run(declare())

    def test_its_efforts_are_times(self) -> None:
        """`gatewayd plan` adds them up."""

        async def ask() -> None:
            async with self.declared() as hand:
                for effort in (each for poll in hand.polls for each in hand.source.effort(poll)):
                    right = isinstance(effort, Effort) and 0 <= effort.seconds < math.inf
                    demand(holds=right, what=f"an effort is {effort!r}", fix="give an Effort of 0 s or more")

        run(ask())

    def test_its_calls_may_take_a_limited_time(self) -> None:
        """While a call hangs, its line stands still."""

        async def ask() -> None:
            async with self.declared() as hand:
                limit = hand.source.poll_limit
                right = isinstance(limit, float | int) and 0 < limit <= LONGEST_LIMIT
                demand(holds=right, what=f"poll_limit is {limit!r}", fix=f"at most {LONGEST_LIMIT:g} seconds")

        run(ask())

    def test_it_forgets_a_memory_that_makes_no_sense(self) -> None:
        """It may be of another version, or what a power cut has left."""

        async def remember() -> None:
            for rubbish in RUBBISH:
                async with self.declared() as hand:
                    try:
                        hand.source.recall(rubbish)
                        memory = hand.source.memory()
                    except Exception as error:  # the plugin's code: whatever it raises is what is told
                        raise ConformanceError(
                            f"recall({rubbish[:16]!r}) raises {error!r}; forget it instead"
                        ) from error
                    right = isinstance(memory, bytes) and len(memory) <= LARGEST_MEMORY
                    demand(holds=right, what=f"memory() gives {memory!r:.40}", fix=f"bytes, {LARGEST_MEMORY} at most")

        run(remember())


def _demand_call(kind: type[Source], name: str, wanted: inspect.Signature, given: Any) -> None:
    """A method can be called with the arguments that that of `Source` has."""
    names = ", ".join(wanted.parameters)
    signature = inspect.signature(given)
    try:
        signature.bind(*wanted.parameters)
    except TypeError:
        demand(holds=False, what=f"{kind.__name__} has {name}{signature}", fix=f"gatewayd calls {name}({names})")
    wrong = inspect.isasyncgenfunction(given) or (
        inspect.iscoroutinefunction(given) and not inspect.iscoroutinefunction(getattr(Source, name))
    )
    demand(
        holds=not wrong,
        what=f"{kind.__name__}.{name} is an async function that gatewayd does not wait for",
        fix="let it return what it has, as that of `Source`",
    )


def _declared(hand: Hand) -> list[Any]:
    polls = hand.source.polls(1.0)
    line = hand.source.line()
    return [
        *hand.source.declare(),
        *polls,
        *(hand.source.effort(poll) for poll in polls),
        line and (line.key, line.terms, line.name),
    ]


@contextmanager
def _cut_off() -> Iterator[None]:
    """No network and no devices for a while."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ConformanceError("it asks the network before it is opened; declare from the options alone")

    def open_no_device(path: Any, *arguments: Any, **others: Any) -> int:
        if str(path).startswith("/dev/"):
            raise ConformanceError(f"it opens {path} before open(); declare from the options alone")
        return opened(path, *arguments, **others)

    opened = os.open
    with (
        mock.patch.object(socket.socket, "connect", refuse),
        mock.patch.object(socket, "getaddrinfo", refuse),
        mock.patch.object(os, "open", open_no_device),
    ):
        yield

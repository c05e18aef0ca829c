"""Lineage: from a channel or table back to the sources, and on to all that is made of it, as trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from gatewayd.config import Config
from gatewayd.config.words import did_you_mean, quoted
from gatewayd.duration import written
from gatewayd.errors import GatewaydError
from gatewayd.explain.judging import derivations, rules
from gatewayd.explain.measuring import bearings, checks, features, polls, readings
from gatewayd.explain.step import Step
from gatewayd.features.notation import respelled
from gatewayd.model import Kind

Told = dict[str, Any]
"""What is told, for machines: trees of channels and tables."""


class UnknownNameError(GatewaydError):
    """There is no such channel, and no such table."""

    def __init__(self, name: str, known: list[str]) -> None:
        meant = did_you_mean(name, known, "known are") or "what a recording brings is known in a replay alone"
        super().__init__(f"nothing is called {quoted(name)}; {meant}")


class Lineage:
    """All channels of a config and what happens to them; `places` says where a table is written."""

    def __init__(self, config: Config, places: Callable[[str], str] = lambda _table: "") -> None:
        self._config = config
        self._places = places
        self._channels = config.plan.channels
        self._steps = tuple(chain.from_iterable(part(config) for part in _PARTS))
        self._makers = {number: step for step in self._steps for number in step.gives}
        self._numbers = {channel.name: number for number, channel in enumerate(self._channels)}
        self._tables = _by_name(self._steps)

    @property
    def names(self) -> list[str]:
        """Of all that can be told of."""
        return [*self._numbers, *self._tables]

    def of(self, name: str) -> Told:
        """Where the channel `name` comes from, and where it goes to; else the same of all tables with that name.

        A table is named with its section (`rules.dry`) or without. Raises UnknownNameError.
        """
        number = self._numbers.get(respelled(name))
        if number is not None:
            return self._channel_told(number)
        tables = self._tables.get(name.removeprefix("[").removesuffix("]"))
        if tables is None:
            raise UnknownNameError(name, self.names)
        return {"tables": [self._table_told(steps) for steps in tables.values()]}

    def _channel_told(self, number: int) -> Told:
        shown = {number}
        return {
            **self._channel(number),
            "from": self._back(number, set()),
            "to": [*self._on(number, shown), *self._summed_up(number)],
        }

    def _table_told(self, steps: Sequence[Step]) -> Told:
        """A table, all of its steps together."""
        needs = dict.fromkeys(chain.from_iterable(step.needs() for step in steps))
        gives = dict.fromkeys(chain.from_iterable(step.gives for step in steps))
        how = "; ".join(dict.fromkeys(step.how for step in steps))
        shown: set[int] = set()
        return {
            **self._table(Step(steps[0].table, how)),
            "reads": self._needed(needs, set()),
            "gives": [self._given(number, shown) for number in gives],
        }

    def _back(self, number: int, shown: set[int]) -> Told | None:
        """What makes a channel, with all that it needs. What is `shown` already is only named."""
        step = self._makers.get(number)
        if step is None:
            return None
        return {**self._table(step), "reads": self._needed(step.needs(), shown)}

    def _needed(self, needs: Iterable[tuple[str, int]], shown: set[int]) -> list[Told]:
        told = []
        for role, need in needs:
            told.append(self._channel(need, role))
            if need not in shown:
                shown.add(need)
                told[-1]["from"] = self._back(need, shown)
        return told

    def _on(self, number: int, shown: set[int]) -> Iterator[Told]:
        """What is made of a channel, and of that, and so on."""
        for step in self._steps:
            role = next((role for role, need in step.needs() if need == number), None)
            if role is not None:
                yield {**self._table(step, role), "gives": [self._given(given, shown) for given in step.gives]}

    def _given(self, number: int, shown: set[int]) -> Told:
        told = self._channel(number)
        if number not in shown:
            shown.add(number)
            told["to"] = list(self._on(number, shown))
        return told

    def _summed_up(self, number: int) -> Iterator[Told]:
        channel = self._channels[number]
        if channel.kind is Kind.SCALAR and self._config.plan.summary_every:
            every = written(self._config.settings.summary.every)
            how = f"in the summary of {channel.source}, every {every}"
            yield {**self._table(Step("[summary]", how)), "gives": []}

    def _channel(self, number: int, role: str = "") -> Told:
        channel = self._channels[number]
        told = {"channel": channel.name, "unit": channel.unit, "kind": str(channel.kind.value)}
        return {**told, "as": role} if role else told

    def _table(self, step: Step, role: str = "") -> Told:
        told = {"table": step.table, "at": self._places(step.table), "how": step.how}
        return {**told, "as": role} if role else told


def _by_name(steps: Iterable[Step]) -> dict[str, dict[str, list[Step]]]:
    """The steps of each table, by its name with its section and without."""
    found: dict[str, dict[str, list[Step]]] = {}
    for step in steps:
        whole = step.table.strip("[]")
        for name in dict.fromkeys((whole, whole.partition(".")[2] or whole)):
            found.setdefault(name, {}).setdefault(step.table, []).append(step)
    return found


_PARTS: tuple[Callable[[Config], Iterator[Step]], ...] = (
    polls,
    checks,
    features,
    bearings,
    derivations,
    rules,
    readings,
)

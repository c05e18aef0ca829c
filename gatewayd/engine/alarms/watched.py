"""Watched: the gates and rules that some channels have, and values of these that are to be judged."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from gatewayd.engine.alarms.alarms import Transition
from gatewayd.engine.alarms.gates import Gate
from gatewayd.engine.alarms.rule import Rule
from gatewayd.model import Bytes, Floats, Quality


@dataclass(frozen=True, slots=True)
class Watched:
    """The columns of some values that come together which gates and rules need."""

    gates: tuple[tuple[int, Gate, list[Rule]], ...]
    rules: tuple[tuple[int, Rule], ...]
    of_sensors: bool = False
    """All rules are of sensors' faults, which are nearly always 0."""


class Came(msgspec.Struct, frozen=True, eq=False):
    """Values of `time` that came `now` and are to be judged; a silence lasts until now."""

    watched: Watched
    time: int
    values: Floats
    qualities: Bytes
    now: int

    def move_gates(self) -> list[Transition | None]:
        """Let the gates have their values."""
        found: list[Transition | None] = []
        for column, gate, followers in self.watched.gates:
            quality = int(self.qualities[column])
            if quality != Quality.ABSENT and gate.sample(self.now, float(self.values[column]), quality):
                found += (rule.gate_moved(gate, self.now if rule.of_silence else self.time) for rule in followers)
        return found

    def is_idle(self) -> bool:
        """Whether no rule has anything to do: no sensor is at fault, nor was one."""
        watched = self.watched
        return watched.of_sensors and not any(self.values.tolist()) and all(rule.is_idle() for _, rule in watched.rules)

    def judge(self) -> list[Transition | None]:
        """Let the rules have theirs."""
        found: list[Transition | None] = []
        for column, rule in self.watched.rules:
            quality = int(self.qualities[column])
            if quality != Quality.ABSENT:
                time = self.now if rule.of_silence else self.time
                found.append(rule.sample(time, float(self.values[column]), quality, self.now))
        return found

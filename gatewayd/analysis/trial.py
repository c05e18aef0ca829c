"""The trial: a recording goes through the engine as if a source had yielded it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from gatewayd.analysis.recording import Recorded
from gatewayd.calculator.worker import Job, done
from gatewayd.config import Config
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import Plan, PlannedShaft
from gatewayd.model import Burst, Computed, Input, Quality, Request, Tick
from gatewayd.records import Alarm, ChannelSummary, Output, Summary, Verdict

BOOT = "recording"
SECOND = 1_000_000_000
PIECE = 1.0
"""Seconds of a piece, when nothing else is known."""


@dataclass(slots=True)
class Trial:
    """What the engine said: features with their numbers over all windows, alarms, what is judged of each bearing."""

    features: list[ChannelSummary] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def play(config: Config, channel: int, recorded: Recorded, shaft: float | None = None, piece: float = PIECE) -> Trial:
    """Feed a recording as the channel with this number, in pieces of so many seconds.

    `shaft` (Hz) stands in for a channel that measures the speed, which a recording of one channel cannot have.
    """
    engine = Engine(_with_shaft(replace(config.plan, summary_every=2**62), shaft), BOOT)
    trial = Trial()
    waiting: list[Input] = []
    for item in _inputs(channel, recorded, piece):
        waiting.append(item)
        while waiting:
            output = engine.feed(waiting.pop(0))
            waiting += [_computed(config, request) for request in output.requests]
            _take(trial, output)
    trial.verdicts = list(engine.verdicts())
    _take(trial, engine.stop(SECOND + round(recorded.seconds * SECOND)))
    return trial


def _inputs(channel: int, recorded: Recorded, piece: float) -> Iterator[Input]:
    size = max(1, min(len(recorded.values), round(piece * recorded.rate)))
    for begin in range(0, len(recorded.values) - size + 1, size):
        time = SECOND + round(begin / recorded.rate * SECOND)
        values = recorded.values[begin : begin + size]
        yield Burst(channel, time, recorded.rate, values, gap=recorded.gap)
        yield Tick(time + round(size / recorded.rate * SECOND))


def _computed(config: Config, request: Request) -> Computed:
    """What the gateway's calculator would answer, but at once."""
    number, results = request.calculation, config.plan.calculations[request.calculation].results
    outcome = done(Job(request, config.calculations[number], results))
    if outcome.values is None:
        return Computed(number, request.time, np.full(results, np.nan), Quality.BAD, outcome.reason)
    return Computed(number, request.time, outcome.values, request.quality)


def _take(trial: Trial, output: Output) -> None:
    for record in output.records:
        if isinstance(record, Alarm):
            trial.alarms.append(record)
        elif isinstance(record, Summary):
            trial.features += record.channels


def _with_shaft(plan: Plan, speed: float | None) -> Plan:
    if speed is None:
        return plan
    constant = PlannedShaft(constant=speed)
    return replace(
        plan,
        bursts=tuple(replace(each, shaft=constant if each.shaft else None) for each in plan.bursts),
        calculations=tuple(replace(each, shaft=constant if each.shaft else None) for each in plan.calculations),
    )

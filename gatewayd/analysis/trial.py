"""The trial: a recording goes through the engine as if a source had yielded it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gatewayd.config import Config
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import ONE_BY_ONE, Plan, PlannedShaft
from gatewayd.records import Alarm, ChannelSummary, Output, Summary, Verdict
from gatewayd.replay.answering import BOOT, answers
from gatewayd.replay.waveforms import PIECE, SECOND, Recorded, pieces


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
    engine = Engine(_with_shaft(replace(config.plan, summary_every=2**62, alarms=ONE_BY_ONE), shaft), BOOT)
    trial = Trial()
    for item in pieces(channel, recorded, piece):
        output = engine.feed(item)
        for each in (output, *answers(engine, config, output.requests)):
            _take(trial, each)
    trial.verdicts = list(engine.verdicts())
    _take(trial, engine.stop(SECOND + round(recorded.seconds * SECOND)))
    return trial


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

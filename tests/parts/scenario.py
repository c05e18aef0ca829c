"""Scenarios: a config and a recording go in, the alarms, verdicts and summaries that they lead to come out."""

import csv
import json
import re

import msgspec
import numpy as np
from vibration import is_vibration, vibration

from gatewayd.config import load
from gatewayd.duration import Duration
from gatewayd.engine.engine import Engine
from gatewayd.model import Burst, Command, Computed, Order, Polled, Quality, Tick
from gatewayd.records import Alarm, Flood, Summary, Verdict

SECOND = 1_000_000_000
TICK = SECOND // 2
"""As often as the daemon ticks."""

RESTART, POWER_CUT = "restart", "power cut"
"""What a row's `event` may tell: before it the gateway was stopped and started, or lost its power and booted."""
ORDER = re.compile(r"(?P<order>\w+) (?P<subject>\S+)(?: for (?P<lasting>\S+))?(?: by (?P<by>\w+))?")
"""Or what an operator ordered then: `shelve overpressure for 10m by ada`."""

NO_ANSWER = "no answer"
"""In a cell: the device did not answer, the poll failed."""


class Scenario:
    """One folder of tests/scenarios: `gatewayd.toml` and `input.csv`."""

    def __init__(self, folder):
        self._config = load(folder / "gatewayd.toml")
        with (folder / "input.csv").open(newline="") as file:
            self._rows = list(csv.DictReader(file))

    def played(self):
        """What the engine makes of it, as `expected.json` has it."""
        run = Run(self._config)
        for row in self._rows:
            run.take(row)
        run.stop()
        records = run.records
        told = {
            "alarms": [_alarm(record) for record in records if isinstance(record, Alarm)],
            "floods": [_flood(record) for record in records if isinstance(record, Flood)],
            "verdicts": [_verdict(record) for record in records if isinstance(record, Verdict)],
            "summaries": [_summary(record) for record in records if isinstance(record, Summary)],
        }
        return {kind: listed for kind, listed in told.items() if listed or kind in ("alarms", "summaries")}


class Run:
    """The engine, with ticks between the rows, and what the outbox would keep of it.

    What it asks for is computed at once.
    """

    def __init__(self, config):
        self.records = []
        self._plan = config.plan
        self._functions = [calculation.function for calculation in config.calculations]
        self._numbers = {channel.name: number for number, channel in enumerate(self._plan.channels)}
        self._saved = {}
        self._boots = 0
        self._boot()

    def take(self, row):
        """One row: the polls of every group that has a value in it."""
        time = round(float(row.pop("time")) * SECOND)
        event = row.pop("event", "")
        if event == RESTART:
            self._keep(self._engine.stop(time))
            self._start(time)
        elif event == POWER_CUT:
            self._boot(time)
        elif event:
            self._tick_until(time)
            self._feed(_command(time, **ORDER.fullmatch(event).groupdict()))
        cells = {self._numbers[name]: cell for name, cell in row.items() if cell}
        bursts = {number: cell for number, cell in cells.items() if is_vibration(cell)}
        self._tick_until(time)
        for number, group in enumerate(self._plan.groups):
            if cells.keys() & set(group.channels):
                told = ["" if n in bursts else cells.get(n, "") for n in group.channels]
                self._feed(self._polled(number, time, told))
        for number, cell in bursts.items():
            values, rate, flaws = vibration(cell, seed=time)
            self._feed(Burst(number, time, rate, values, **flaws))

    def stop(self):
        """One tick after the last row."""
        self._keep(self._engine.stop(self._time + TICK))

    def _boot(self, time=None):
        self._boots += 1
        self._start(time)

    def _start(self, time):
        self._time = time
        self._engine = Engine(self._plan, f"boot-{self._boots}")
        if time is not None:
            self._keep(self._engine.restore(self._saved.values(), time))

    def _tick_until(self, time):
        ticked = time if self._time is None else self._time
        for at in range(ticked - ticked % TICK + TICK, time, TICK):
            self._feed(Tick(at))
        self._time = time

    def _polled(self, number, time, cells):
        values, qualities = zip(*map(_value, cells), strict=True)
        names = [self._plan.channels[n].short_name for n in self._plan.groups[number].channels]
        return Polled(
            number,
            time,
            np.array(values, dtype=np.float64),
            np.array(qualities, dtype=np.uint8),
            {name: cell for name, cell, quality in zip(names, cells, qualities, strict=True) if quality == Quality.BAD},
            failed=NO_ANSWER in cells,
        )

    def _feed(self, item):
        output = self._engine.feed(item)
        self._keep(output)
        for request in output.requests:
            values = np.array(self._functions[request.calculation](request), dtype=np.float64)
            self._feed(Computed(request.calculation, request.time, values, request.quality))

    def _keep(self, output):
        self.records += output.records
        self._saved |= {(item.stage, item.name): item for item in output.saved}


def _value(cell):
    """A cell is a number, empty (no new value), or says why there is no good one."""
    try:
        return (float(cell), Quality.GOOD) if cell else (np.nan, Quality.ABSENT)
    except ValueError:
        return np.nan, Quality.BAD


def _command(time, order, subject, lasting, by):
    return Command(time, Order(order), subject, Duration.parse(lasting).nanoseconds if lasting else 0, by=by or "")


def _alarm(alarm):
    """Times in seconds; those of an earlier boot name it. More fields are there where they say something."""
    more = {
        "causes": [_cause(cause, alarm.boot) for cause in alarm.causes],
        "group": alarm.group,
        "first_out": alarm.first_out,
        "acknowledged": alarm.acknowledged,
        "by": alarm.by,
        "until": alarm.until and _stamp(alarm.until, alarm.boot),
    }
    return {
        "rule": alarm.rule,
        "state": str(alarm.state),
        "severity": str(alarm.severity),
        "time": _seconds(alarm.time),
        "since": _stamp(alarm.since, alarm.boot),
        "raised": _stamp(alarm.raised, alarm.boot),
        "value": _rounded(alarm.value),
        "limit": alarm.limit,
        "unit": alarm.unit,
        "reason": alarm.reason,
        "text": alarm.text,
        **{key: value for key, value in more.items() if value},
    }


def _cause(cause, boot):
    told = msgspec.to_builtins(cause) | ({"since": _stamp(cause.since, boot)} if cause.since else {})
    return {name: _rounded(value) for name, value in told.items()}


def _flood(flood):
    return {
        "state": str(flood.state),
        "time": _seconds(flood.time),
        "since": _stamp(flood.since, flood.boot),
        "rules": flood.rules,
        "severities": flood.severities,
        "open": list(flood.open),
        "reason": flood.reason,
    }


def _verdict(verdict):
    return {
        "bearing": verdict.bearing,
        "channel": verdict.channel,
        "fault": str(verdict.fault),
        "before": None if verdict.before is None else str(verdict.before),
        "time": _seconds(verdict.time),
        "votes": verdict.votes,
        "windows": verdict.windows,
        "score": _rounded(verdict.score),
        "shaft": _rounded(verdict.shaft),
        "frequency": _rounded(verdict.frequency),
        "reason": verdict.reason,
    }


def _summary(summary):
    """Channels by name, with the fields that say something."""
    return {
        "source": summary.source,
        "start": _seconds(summary.start),
        "end": _seconds(summary.end),
        "channels": {channel.name: _channel(channel) for channel in summary.channels},
        "alarms": list(summary.alarms),
        "polls": summary.polls,
        "failed": summary.failed,
        "missed": summary.missed,
        **({"suspended": summary.suspended} if summary.suspended else {}),
    }


def _channel(channel):
    told = msgspec.to_builtins(channel)
    return {name: _rounded(value) for name, value in told.items() if name != "name"}


def _seconds(time):
    return time / SECOND


def _stamp(stamp, boot):
    seconds = _seconds(stamp.time)
    return seconds if stamp.boot == boot else f"{seconds:g} of {stamp.boot}"


def _rounded(value):
    """Nine digits: the kernels and their twins differ in the last ones."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def written(outcome):
    """The text of an `expected.json`: one record a line, so that a difference can be read."""
    lists = [f'"{kind}": [\n' + ",\n".join(map(json.dumps, records)) + "\n]" for kind, records in outcome.items()]
    return "{\n" + ",\n".join(lists) + "\n}\n"

"""What the daemon knows of itself has its place in `status`, `top` and the metrics, or a reason to have none."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum

import msgspec
import pytest
from gateway_status import STATUS

from gatewayd.calculator import State as Calculating
from gatewayd.metrics import exposition, families
from gatewayd.report import lines
from gatewayd.sources import State
from gatewayd.sources.health.slowness import Slowed
from gatewayd.top.screen import VIEWS, Screen
from gatewayd.uplink import ClassStatus

VERDICT = {"bearing": "drive_end", "reason": "drive_end: outer race in 4 of 5 windows"}
OTHER = {
    "problems": ("line 3: nonsense", "line 4: too"),
    "sources": (*STATUS.sources, replace(STATUS.sources[0], name="another")),
    "sources.bad": {"flow": "another fault"},
    "sources.flawed": {"sound": "is clipped"},
    "sources.about": {"model": "SDM120"},
    "sources.slowed": (Slowed(1.0, 5.0, 3.0),),
    "plugins": {"modbus": STATUS.sources[0].accounts},
    "calculations": (),
    "abandoned": {"tank": 2},
    "alarms": [*STATUS.alarms, {**STATUS.alarms[0], "rule": "another"}],
    "shelved": [],
    "suspended": [{"rule": "dry_run", "reason": "while pump1.running is 0", "seconds": 3.0}],
    "maintenance": [{"asset": "pump1", "since": 60.0, "left": None, "rules": []}],
    "models": [{**STATUS.models[0], "state": "waiting"}],
    "verdicts": (VERDICT,),
    "storage.budget": {"outbox": 128_000_000},
    "outbox.classes": {"event": ClassStatus(given=7, waiting=5, lost=1, set_aside=0)},
}
"""Another value for what has parts; all else is changed by its type."""

SOURCE = STATUS.sources[0]
TROUBLED = replace(
    STATUS,
    sources=(replace(SOURCE, state=State.FAILING, bad={}),),
    plugins={"modbus": SOURCE.accounts},
    calculations=(replace(STATUS.calculations[0], state=Calculating.STUCK),),
    uplink=replace(STATUS.uplink, connected=False),
    outbox=replace(STATUS.outbox, failing="the disk is full"),
    evidence=replace(STATUS.evidence, failing=""),
)
QUIET = replace(
    TROUBLED,
    sources=(replace(SOURCE, bad={}, bad_count=0),),
    outbox=STATUS.outbox,
)
GATEWAYS = (STATUS, TROUBLED, QUIET)
"""Some things are told in trouble alone, and some only without it."""

TEXT = "a number has a place there; the words are in `status`"
SUMMED = "what all write together is there"
ITSELF = "Prometheus knows since when"
SHORT = "the report stays short: in `status --json`, and in the metrics"
UNTOLD = {
    "metrics": {
        "config": "a path says nothing there",
        "sources.seconds": ITSELF,
        "sources.last_error": TEXT,
        "sources.last_error_age": ITSELF,
        "sources.bad": TEXT,
        "sources.about": "what a device says of itself is without bounds",
        "sources.accounts.growth": "memory is there, and since when is for Prometheus to ask",
        "sources.process.pid": "it would be a new series after each restart",
        "plugins": "the sum over the sources of a plugin",
        "calculations.plugin": "its name says so where it is of a plugin",
        "calculations.last_error": TEXT,
        "verdicts": "what is measured goes over MQTT, and a rule judges it",
        "uplink.seconds": ITSELF,
        "uplink.last_error": TEXT,
        "outbox.epoch": "it would be a new series for each epoch",
        "record.written": SUMMED,
        "evidence.written": SUMMED,
        "storage.written_per_day": "the increase over a day",
    },
    "status": {
        "sources.duration": "`top` has it",
        "sources.line": "`top` and `plan` have it",
        "sources.accounts.calls": "summed up by plugin",
        "sources.accounts.failures": "summed up by plugin",
        "sources.accounts.seconds": "summed up by plugin",
        "sources.accounts.memory": "summed up by plugin",
        "sources.accounts.busy": "`top` has it",
        "calculations.plugin": "its name says so where it is of a plugin",
        "uplink.sent": SHORT,
        "outbox.epoch": "for machines",
        "outbox.oldest": "`top` has it",
        "outbox.committed": SHORT,
        "outbox.commits": SHORT,
        "outbox.written": SUMMED,
        "outbox.classes": SHORT,
        "record.written": SUMMED,
        "evidence.written": SUMMED,
        "storage.written": "the pace of a day is there",
    },
    "top": {
        "config": "the gateway's name is there",
        "outbox.epoch": "for machines",
        "sources.about": "it does not change",
        "storage.written": "the pace of a day is there",
        "uplink.refused": "set aside in the outbox, and counted there",
        **dict.fromkeys(("verdicts", "models"), "what comes of them are alarms"),
        **dict.fromkeys(
            (
                *("plugins", "abandoned", "storage.budget", "storage.taken", "storage.free"),
                *("sources.accounts.calls", "sources.accounts.failures", "sources.accounts.seconds"),
                *("sources.accounts.longest", "sources.accounts.holds", "sources.accounts.memory"),
                *("sources.accounts.growth", "sources.process.pid", "sources.process.memory"),
                *("sources.process.failures", "calculations.name", "calculations.plugin", "calculations.count"),
                *("calculations.failed", "calculations.passed_over", "calculations.mean_ms"),
                *("calculations.longest_ms", "calculations.last_error", "record.on", "record.bytes"),
                *("record.inputs", "record.missed", "evidence.files", "evidence.bytes", "evidence.without"),
                *("uplink.sent", "outbox.bytes", "outbox.committed", "outbox.commits", "outbox.written"),
                *("outbox.unstored", "outbox.classes", "record.written", "evidence.written"),
            ),
            "what one need not watch is in `status`, or in its --json",
        ),
    },
}


def leaves(thing, path=""):
    """All that a record has, by its path; of several things the first one stands for all."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            yield f"{path}{field.name}", value
            value = value[0]
        if is_dataclass(value):
            yield from leaves(value, f"{path}{field.name}.")
        elif not isinstance(value, tuple) or not value or not is_dataclass(value[0]):
            yield f"{path}{field.name}", value


def changed(thing, path, value):
    """The record with another value at a path."""
    name, _, rest = path.partition(".")
    part = getattr(thing, name)
    if not rest:
        return replace(thing, **{name: value})
    if isinstance(part, tuple):
        return replace(thing, **{name: (changed(part[0], rest, value), *part[1:])})
    return replace(thing, **{name: changed(part, rest, value)})


def another(path, value):
    if path in OTHER:
        return OTHER[path]
    match value:
        case bool():
            return not value
        case Enum():
            return list(type(value))[-1]
        case str():
            return f"another {value}"
        case None | int() | float():
            return 7_654_321 + (value or 0)
    raise AssertionError(f"say in OTHER what else {path} may be")


def shown(status):
    """All views of the screen, of a gateway that was asked before, too."""
    screen = Screen()
    screen.take({**msgspec.to_builtins(STATUS), "seconds": 0.0}, None, 0)
    screen.take(msgspec.to_builtins(status), None, 0)
    text = []
    for view in range(len(VIEWS)):
        screen.press(str(view + 1), 60)
        text += ["".join(piece for piece, _ in line) for line in screen.lines(250, 60)]
    return text


PLACES = {
    "metrics": lambda status: exposition(families(status)),
    "status": lambda status: list(lines(msgspec.to_builtins(status))),
    "top": shown,
}
CASES = [(place, path, value) for place in PLACES for path, value in leaves(STATUS)]


@pytest.mark.parametrize(("place", "path", "value"), CASES, ids=[f"{place}-{path}" for place, path, _ in CASES])
def test_what_is_known_is_told_unless_there_is_a_reason(place, path, value):
    tell = PLACES[place]
    told = any(tell(changed(gateway, path, another(path, value))) != tell(gateway) for gateway in GATEWAYS)
    assert told is (path not in UNTOLD[place]), UNTOLD[place].get(path, f"{place} does not tell of {path}")


@pytest.mark.parametrize("place", PLACES)
def test_there_are_reasons_for_what_there_is_alone(place):
    assert UNTOLD[place].keys() <= dict(leaves(STATUS)).keys()

"""The catalogue: every metric of the gateway, by what it is about. docs/metrics.md is held to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatewayd.calculator import CalculationStatus
from gatewayd.calculator import State as Calculating
from gatewayd.clock import ClockState
from gatewayd.daemon.status import Status
from gatewayd.metrics.family import Family, Labels, Rows, about
from gatewayd.models.card import ModelState
from gatewayd.records import Severity
from gatewayd.sources import SourceStatus, State
from gatewayd.state.storage import StorageStatus
from gatewayd.uplink import ClassStatus, OutboxStatus

GATEWAY: Rows[Status] = (
    ("uptime_seconds", "Seconds since the gateway was started.", lambda it: it.seconds),
    ("config_problems", "What is wrong with the config on disk.", lambda it: len(it.problems)),
    ("alarms_shelved", "Rules whose alarms are shelved.", lambda it: len(it.shelved)),
    ("rules_suspended", "Rules that do not judge at the moment.", lambda it: len(it.suspended)),
    ("assets_in_maintenance", "Assets that are in maintenance.", lambda it: len(it.maintenance)),
)
SOURCE: Rows[SourceStatus] = (
    ("polls_total", "Polls that had an outcome.", lambda it: it.polls),
    ("polls_failed_total", "Polls without an answer.", lambda it: it.failed),
    ("polls_missed_total", "Polls that were due and did not happen.", lambda it: it.missed),
    ("poll_duration_seconds", "How long the last good poll took.", lambda it: it.duration),
    ("channels_bad", "Channels whose last value was bad.", lambda it: it.bad_count),
    ("channels_flawed", "Channels whose last waveform has gaps or is clipped.", lambda it: len(it.flawed)),
    ("polls_slowed", "Polls that are made less often than the config asks for.", lambda it: len(it.slowed)),
    ("line_busy_seconds_total", "Seconds for which it had its line.", lambda it: it.accounts.busy),
    ("plugin_calls_total", "Calls into its plugin.", lambda it: it.accounts.calls),
    ("plugin_calls_failed_total", "Those that failed.", lambda it: it.accounts.failures),
    ("plugin_seconds_total", "Seconds for which they ran; waiting does not count.", lambda it: it.accounts.seconds),
    ("plugin_holds_total", "How often one held the event loop for over 20 ms.", lambda it: it.accounts.holds),
    ("plugin_longest_seconds", "The longest that one held the event loop.", lambda it: it.accounts.longest),
    ("memory_bytes", "Bytes that can be reached from it and its line.", lambda it: it.accounts.memory),
    ("process_memory_bytes", "What its own process takes.", lambda it: it.process.memory if it.process else None),
    ("process_failures_total", "Processes of it that failed.", lambda it: it.process.failures if it.process else None),
)
CALCULATION: Rows[CalculationStatus] = (
    ("windows_total", "Windows that were answered.", lambda it: it.count),
    ("windows_failed_total", "Those without a value.", lambda it: it.failed),
    ("windows_passed_over_total", "Windows that came while it was at work.", lambda it: it.passed_over),
    ("mean_seconds", "How long it takes on average since the start.", lambda it: _seconds(it.mean_ms)),
    ("longest_seconds", "The longest that it took.", lambda it: _seconds(it.longest_ms)),
)
MODEL: Rows[Mapping[str, Any]] = (
    ("score", "Its last score; above 1 is beyond what it learned.", lambda it: it["score"]),
    ("learning_ratio", "How much of what it must learn it has.", lambda it: it["progress"]),
)
UPLINK: Rows[Status] = (
    ("connected", "Whether the broker is there.", lambda it: it.uplink.connected),
    ("throttled", "Whether the broker takes no more for now.", lambda it: it.uplink.throttled),
    ("reconnects_total", "Connections after the first one.", lambda it: it.uplink.reconnects),
    ("messages_sent_total", "Messages sent; what is sent again counts again.", lambda it: it.uplink.sent),
    ("messages_acknowledged_total", "Messages that the broker has taken over.", lambda it: it.uplink.acked),
    ("messages_refused_total", "Messages that the broker has refused.", lambda it: it.uplink.refused),
)
OUTBOX: Rows[OutboxStatus] = (
    ("messages_waiting", "Messages that are not yet acknowledged.", lambda it: it.waiting),
    ("oldest_message_seconds", "For how long the oldest of them waits.", lambda it: it.oldest if it.waiting else 0),
    ("size_bytes", "Bytes of its file that are in use.", lambda it: it.bytes),
    ("messages_committed_total", "Messages that were stored.", lambda it: it.committed),
    ("commits_total", "Transactions; each is synced to the disk.", lambda it: it.commits),
    ("written_bytes_total", "Bytes that they wrote.", lambda it: it.written),
    ("messages_lost_total", "Messages dropped because of the size limit or damage.", lambda it: it.lost),
    ("messages_set_aside_total", "Messages that the broker will not have.", lambda it: it.set_aside),
    ("failing", "Whether the disk cannot be written.", lambda it: bool(it.failing)),
    ("messages_unstored_total", "Messages that were sent from memory meanwhile.", lambda it: it.unstored),
)
CLASS: Rows[ClassStatus] = (
    ("last_number", "The last sequence number that was given in this epoch.", lambda it: it.given),
    ("messages_waiting", "Messages of the class that are not yet acknowledged.", lambda it: it.waiting),
    ("messages_lost_total", "Messages of the class that were dropped.", lambda it: it.lost),
    ("messages_set_aside_total", "Messages of the class that the broker will not have.", lambda it: it.set_aside),
)
STORAGE: Rows[StorageStatus] = (
    ("budget_bytes", "Bytes that the state folder may take.", lambda it: sum(it.budget.values())),
    ("taken_bytes", "Bytes that it takes.", lambda it: it.taken),
    ("free_bytes", "Bytes that are left on its disk.", lambda it: it.free),
    ("written_bytes_total", "Bytes written into it.", lambda it: it.written),
    ("short", "Whether the disk has too little room for its budget.", lambda it: bool(it.problem)),
)
EVIDENCE: Rows[Status] = (
    ("files", "Alarms of which evidence is kept.", lambda it: it.evidence.files),
    ("size_bytes", "Bytes that it takes.", lambda it: it.evidence.bytes),
    ("alarms_without_total", "Alarms whose evidence could not be kept.", lambda it: it.evidence.without),
    ("failing", "Whether none can be written.", lambda it: bool(it.evidence.failing)),
)
RECORD: Rows[Status] = (
    ("on", "Whether inputs are recorded.", lambda it: it.record.on),
    ("size_bytes", "Bytes that the record takes.", lambda it: it.record.bytes),
    ("inputs_total", "Inputs that were recorded.", lambda it: it.record.inputs),
    ("inputs_missed_total", "Inputs that were not.", lambda it: it.record.missed),
    ("failing", "Whether recording rests.", lambda it: bool(it.record.failing)),
)


def families(status: Status) -> Iterator[Family]:
    """Everything that the gateway knows of itself at one moment."""
    whole: Sequence[tuple[Labels, Status]] = [({}, status)]
    info = {"version": status.version, "gateway": status.gateway}
    yield Family("gatewayd_build_info", "Which gateway this is; always 1.", ((info, 1),))
    yield from about("gatewayd", GATEWAY, whole)
    yield _one_of("gatewayd_clock_state", ClockState, [({}, status.clock)])
    yield from _alarms(status)
    yield from _sources(status.sources)
    yield _abandoned(status.abandoned)
    yield from _calculations(status.calculations)
    yield from _models(status.models)
    yield from about("gatewayd_uplink", UPLINK, whole)
    yield from about("gatewayd_outbox", OUTBOX, [({}, status.outbox)])
    yield from about(
        "gatewayd_outbox_class", CLASS, [({"class": name}, it) for name, it in status.outbox.classes.items()]
    )
    yield from about("gatewayd_storage", STORAGE, [({}, status.storage)])
    yield from about("gatewayd_evidence", EVIDENCE, whole)
    yield from about("gatewayd_record", RECORD, whole)


def _alarms(status: Status) -> Iterator[Family]:
    severities = Counter(each["severity"] for each in status.alarms)
    unseen = Counter(each["severity"] for each in status.alarms if not each["acknowledged"])
    yield _by("gatewayd_alarms", "Alarms that are open.", "severity", severities)
    yield _by("gatewayd_alarms_unacknowledged", "Those that nobody has acknowledged.", "severity", unseen)
    each = tuple(({"rule": it["rule"], "severity": it["severity"]}, 1) for it in status.alarms)
    yield Family("gatewayd_alarm_open", "1 for each rule whose alarm is open.", each)


def _by(name: str, meaning: str, label: str, counts: Mapping[str, int]) -> Family:
    return Family(name, meaning, tuple(({label: each.value}, counts.get(each, 0)) for each in Severity))


def _sources(sources: Sequence[SourceStatus]) -> Iterator[Family]:
    told = [({"source": it.name, "plugin": it.plugin, "line": it.line}, 1) for it in sources]
    yield Family("gatewayd_source_info", "The plugin and the line of each source; always 1.", tuple(told))
    yield _one_of("gatewayd_source_state", State, [({"source": it.name}, it.state) for it in sources])
    yield from about("gatewayd_source", SOURCE, [({"source": it.name}, it) for it in sources])


def _abandoned(calls: Mapping[str, int]) -> Family:
    told = tuple(({"plugin": plugin}, count) for plugin, count in calls.items())
    return Family("gatewayd_plugin_calls_abandoned", "Calls that were given up before a reload and still run.", told)


def _calculations(calculations: Sequence[CalculationStatus]) -> Iterator[Family]:
    told: list[tuple[Labels, CalculationStatus]] = [({"calculation": it.name}, it) for it in calculations]
    yield _one_of("gatewayd_calculation_state", Calculating, [(labels, it.state) for labels, it in told])
    yield from about("gatewayd_calculation", CALCULATION, told)


def _models(models: Sequence[Mapping[str, Any]]) -> Iterator[Family]:
    told: list[tuple[Labels, Mapping[str, Any]]] = [({"model": it["name"]}, it) for it in models]
    yield _one_of("gatewayd_model_state", ModelState, [(labels, it["state"]) for labels, it in told])
    yield from about("gatewayd_model", MODEL, told)


def _seconds(milliseconds: float | None) -> float | None:
    return milliseconds and milliseconds / 1e3


def _one_of(name: str, states: Iterable[str], things: Iterable[tuple[Labels, str]]) -> Family:
    """Of each thing every state that there is, 1 for the one that it is in."""
    states = tuple(states)
    samples = (({**labels, "state": str(state)}, state == now) for labels, now in things for state in states)
    return Family(name, "1 for the state that it is in, 0 for the others.", tuple(samples))

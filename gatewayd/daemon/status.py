"""Status: what the daemon says of itself, to the control socket, to systemd and, at birth, to the broker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatewayd import __version__, clock
from gatewayd.calculator import CalculationStatus
from gatewayd.calculator import State as Calculating
from gatewayd.clock import ClockState
from gatewayd.config import Config
from gatewayd.engine.plan import PlannedChannel
from gatewayd.evidence import EvidenceStatus
from gatewayd.plugin import Channel
from gatewayd.recorder import RecordStatus
from gatewayd.records import Verdict
from gatewayd.sources import Accounts, SourceStatus, State
from gatewayd.state.storage import StorageStatus
from gatewayd.uplink import OutboxStatus, UplinkStatus

Told = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Status:
    """The daemon at one moment; `seconds` is how long it has run.

    `abandoned` counts, by plugin, the calls that were given up before a reload and still run. `verdicts` are what is
    judged of each bearing, with its present votes; `plugins` are the accounts of each plugin's sources. Alarms,
    shelves, suspended rules, assets in maintenance and models are as operators are told of them.
    """

    gateway: str
    config: str
    seconds: float
    problems: tuple[str, ...]
    sources: tuple[SourceStatus, ...]
    plugins: Mapping[str, Accounts]
    calculations: tuple[CalculationStatus, ...]
    abandoned: Mapping[str, int]
    alarms: Told
    shelved: Told
    suspended: Told
    maintenance: Told
    models: Told
    verdicts: tuple[Verdict, ...]
    uplink: UplinkStatus
    outbox: OutboxStatus
    record: RecordStatus
    evidence: EvidenceStatus
    storage: StorageStatus
    version: str = __version__
    clock: ClockState = field(default_factory=lambda: clock.dating().state)


def headline(status: Status) -> str:
    """All of it in one line."""
    states = Counter(source.state for source in status.sources)
    bad = sum(source.bad_count for source in status.sources)
    failing = sum(each.state in (Calculating.FAILING, Calculating.STUCK) for each in status.calculations)
    return ", ".join(
        [
            f"{states[State.OK]} of {len(status.sources)} sources ok",
            *([f"{bad} channels bad"] if bad else []),
            *([f"{failing} calculations failing"] if failing else []),
            f"{len(status.alarms)} alarms",
            "broker connected" if status.uplink.connected else "broker away",
            f"{status.outbox.waiting} messages wait",
        ]
    )


def birth(config: Config, epoch: str) -> dict[str, Any]:
    """What a receiver needs to know to make sense of the messages: channels with units, features, bearings, rules."""
    plan = config.plan
    channels: dict[str, list[PlannedChannel]] = {}
    for channel in plan.channels:
        channels.setdefault(channel.source, []).append(channel)
    return {
        "version": __version__,
        "config": config.digest,
        "boot": clock.boot(),
        "epoch": epoch,
        "sources": {
            name: {
                "plugin": source.plugin,
                "channels": {each.short_name: _born(each, source.channels) for each in channels.get(name, ())},
            }
            for name, source in config.sources.items()
        },
        "bearings": {
            bearing.name: {
                "channel": plan.channels[bearing.channel].name,
                "orders": dict(zip(("bpfo", "bpfi", "bsf", "ftf"), bearing.orders, strict=True)),
            }
            for bearing in plan.bearings
        },
        "rules": {
            rule.name: {
                "channel": plan.channels[rule.channel].name,
                "condition": rule.condition,
                "severity": rule.severity,
                "text": rule.text,
            }
            for rule in plan.rules
        },
    }


def _born(channel: PlannedChannel, declared: Sequence[Channel]) -> dict[str, Any]:
    """What is told of a channel; the labels of its values as its plugin has them."""
    told = {"unit": channel.unit, "kind": channel.kind}
    labels = next((each.labels for each in declared if each.name == channel.short_name), None)
    return {**told, "labels": {str(value): label for value, label in labels.items()}} if labels else told

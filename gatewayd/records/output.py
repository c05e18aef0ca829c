"""What one input makes the engine say, and what is saved of its state with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from gatewayd.model import Request
from gatewayd.records.alarms import Alarm, Flood
from gatewayd.records.delivery import EpochBegun, Loss
from gatewayd.records.judgement import ModelNews, Verdict
from gatewayd.records.summaries import Readings, Summary

AnyRecord = Alarm | Flood | Verdict | ModelNews | Summary | Readings | Loss | EpochBegun


@dataclass(frozen=True, slots=True)
class Saved:
    """A part of the engine's state under a stage and a name, valid only for the definition with this hash."""

    stage: str
    name: str
    definition: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Output:
    """What one input made the engine say; `saved` must be stored in the same transaction as `records`.

    `requests` are to be computed outside, and their results fed back in.
    """

    records: tuple[AnyRecord, ...] = ()
    saved: tuple[Saved, ...] = ()
    urgent: bool = False
    requests: tuple[Request, ...] = ()


NOTHING = Output()


def definition_hash(definition: Any) -> str:
    """A short stable hash of whatever defines a stage's state (anything that msgspec can encode)."""
    return hashlib.blake2b(msgspec.json.encode(definition, order="deterministic"), digest_size=8).hexdigest()

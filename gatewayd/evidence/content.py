"""Content: what a file of evidence holds: evidence.json, tables of values, waveforms, together as a ZIP file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import msgspec
import numpy as np

from gatewayd.engine.plan import PlannedChannel
from gatewayd.evidence.case import Case
from gatewayd.evidence.description import description
from gatewayd.evidence.facts import Facts
from gatewayd.evidence.table import flaws, table
from gatewayd.evidence.wall import Wall
from gatewayd.model import Burst, Kind

DESCRIPTION = "evidence.json"

Channels = Mapping[int, PlannedChannel]


def contents(case: Case, facts: Facts) -> Iterator[bytes]:
    """The file of a case: whole, and then ever smaller ones, for when it is too large."""
    concerned = {n: each for n, each in enumerate(facts.plan.channels) if each.source in case.sources}
    yield _packed(case, facts, concerned, waveforms=True)
    yield _packed(case, facts, concerned, waveforms=False)
    named = {case.alarm.channel, *(cause.channel for cause in case.alarm.causes)}
    own = {number: channel for number, channel in concerned.items() if channel.name in named}
    yield _packed(case, facts, own, waveforms=False)


def _packed(case: Case, facts: Facts, channels: Channels, *, waveforms: bool) -> bytes:
    wall = Wall(case.alarm.boot, case.dating.offset)
    numbers = {number: channel for number, channel in channels.items() if channel.kind is Kind.SCALAR}
    rows = [
        row for row in case.rows if case.begin <= row.time <= case.end and not channels.keys().isdisjoint(row.channels)
    ]
    rows.sort(key=lambda row: row.time)
    waves = list(_waves(case, channels)) if waveforms else []
    described = description(case, facts, channels, rows, wall)
    described["flaws"] = flaws(rows, {number: each for number, each in numbers.items() if not each.derived}, wall)
    described["waveforms"] = [_described(name, when, burst, channels, wall) for name, when, burst in waves]
    parts = {}
    for name, derived in (("values.csv", False), ("derived.csv", True)):
        columns = {number: channel for number, channel in numbers.items() if channel.derived is derived}
        if columns:
            parts[name] = table(rows, columns, wall).encode()
    return packed(described, parts | {name: _npz(burst) for name, _, burst in waves})


def packed(described: Mapping[str, Any], parts: Mapping[str, bytes]) -> bytes:
    """A file of a description and what it describes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        file.writestr(DESCRIPTION, msgspec.json.format(msgspec.json.encode(described), indent=2))
        for name, part in parts.items():
            file.writestr(name, part)
    return out.getvalue()


def _waves(case: Case, channels: Channels) -> Iterator[tuple[str, str, Burst]]:
    """The last waveforms before the alarm and the first ones after it, each with the name of its file."""
    kinds: Sequence[tuple[str, Mapping[int, Burst]]] = [("before", case.before), ("after", case.after)]
    for when, bursts in kinds:
        for number in sorted(bursts.keys() & channels.keys()):
            name = re.sub(r"[^\w.-]", "_", channels[number].name)
            yield f"waveforms/{name}.{when}.npz", when, bursts[number]


def _described(name: str, when: str, burst: Burst, channels: Channels, wall: Wall) -> dict[str, Any]:
    channel = channels[burst.channel]
    return {
        "file": name,
        "channel": channel.name,
        "when": when,
        "time": wall.text(burst.time),
        "rate": burst.rate,
        "unit": channel.unit,
        "count": len(burst.values),
        "quality": burst.quality.name.lower(),
        "reason": burst.reason,
        "gap": burst.gap,
        "clipped": burst.clipped,
    }


def _npz(burst: Burst) -> bytes:
    out = BytesIO()
    np.savez(out, values=burst.values, rate=np.float64(burst.rate))
    return out.getvalue()

"""The settings of a page without a config: one is written that computes whatever the recording allows."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewayd.config import Config, load
from gatewayd.errors import AnalysisError, ConfigError
from gatewayd.features.catalogue import DEFINITIONS, Definition, Domain, Needs
from gatewayd.features.units import ACCELERATIONS
from gatewayd.replay.waveforms import Recorded

SOURCE = "recording"
WINDOW = 1.0
"""Seconds: features are computed of windows that long, or of all of a shorter recording."""
_NUMBER = re.compile(r"\d+(\.\d+)?")
PLACES = 3
"""Of features that name the k-th of something, so many are shown."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows of the machine, as it is written in a config; None: nothing."""

    shaft: str | None = None
    blades: int | None = None
    severity: str | None = None
    bearing: str | None = None
    band: tuple[float, float] | None = None


def config_for(path: Path, recorded: Recorded, known: Known) -> Config:
    """A config of one source with this channel. Raises AnalysisError for what is known wrongly."""
    with tempfile.TemporaryDirectory(prefix="gatewayd-") as folder:
        file = Path(folder) / "analysis.toml"
        file.write_text("\n".join(_lines(path, recorded, known)) + "\n", encoding="utf-8")
        try:
            return load(file)
        except ConfigError as error:
            wrong = (f"{each.what} ({each.fix})" if each.fix else each.what for each in error.problems)
            raise AnalysisError(str(path), "; ".join(dict.fromkeys(wrong))) from None


def _lines(path: Path, recorded: Recorded, known: Known) -> Iterator[str]:
    yield '[gateway]\nid = "analysis"\n[mqtt]\nurl = "mqtt://localhost"'
    yield f'[sources.{SOURCE}]\nplugin = "file"\npath = {_text(str(path.absolute()))}\nrate = {recorded.rate!r}'
    yield f"[sources.{SOURCE}.channels]\n{recorded.name} = {{ unit = {_text(recorded.unit)} }}"
    yield f'[features.all]\nchannels = ["{SOURCE}.{recorded.name}"]'
    yield f"compute = [{', '.join(map(_text, _features(recorded, known)))}]"
    if recorded.seconds > WINDOW:
        yield f'window = "{WINDOW:g}s"'
    if known.shaft is not None:
        yield f"shaft = {_text(known.shaft)}"
    if known.blades is not None:
        yield f"blades = {known.blades}"
    if known.severity is not None:
        yield f"severity = {_text(known.severity)}"
    if known.bearing is not None:
        yield f'[bearings.bearing]\nchannel = "{SOURCE}.{recorded.name}"\nshaft = {_text(known.shaft or "")}'
        yield _bearing(path, known.bearing)


def _features(recorded: Recorded, known: Known) -> Iterator[str]:
    """Every feature of the catalogue for which all is known that it needs."""
    for definition in DEFINITIONS:
        if definition.domain is not Domain.SERIES and not definition.needs & _lacking(recorded, known):
            yield from _variants(definition, known)


def _lacking(recorded: Recorded, known: Known) -> Needs:
    lacking = Needs.NOTHING
    for need, given in (
        (Needs.SHAFT, known.shaft),
        (Needs.BLADES, known.blades),
        (Needs.SEVERITY, known.severity),
        (Needs.ACCELERATION, recorded.unit if recorded.unit in ACCELERATIONS else None),
    ):
        lacking |= Needs.NOTHING if given is not None else need
    return lacking


def _variants(definition: Definition, known: Known) -> Iterator[str]:
    """A feature with the parameters that are worth showing; none of those that only the caller could choose."""
    names = [each.name for each in definition.parameters if each.default is None]
    if not names:
        yield definition.name
    elif names == ["p"]:
        yield from (f"{definition.name}({p})" for p in (5, 95))
    elif names in (["k"], ["order"]):
        yield from (f"{definition.name}({k})" for k in range(1, PLACES + 1))
    elif names == ["low", "high"] and known.band is not None:
        yield f"{definition.name}({known.band[0]:g}, {known.band[1]:g})"


def _bearing(path: Path, text: str) -> str:
    """A type, or the number of balls, their diameter, the pitch diameter and the angle. Raises AnalysisError."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1:
        return f"type = {_text(text)}"
    if len(parts) not in (3, 4) or not all(map(_NUMBER.fullmatch, parts)):
        fix = "write a type, or balls,ball diameter,pitch diameter,angle: 9,7.94,39.04,0"
        raise AnalysisError(str(path), f"--bearing {text!r} is not a bearing", fix)
    keys = ("balls", "ball_diameter", "pitch_diameter", "angle")
    return "\n".join(f"{key} = {part}" for key, part in zip(keys, parts, strict=False))


def _text(text: str) -> str:
    """A basic string of TOML, which has the same escapes as JSON."""
    return json.dumps(text, ensure_ascii=False)

"""The settings: what the config file says, typed, with its defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from gatewayd.config.addresses import LISTENING, address
from gatewayd.config.judging.settings import Alarms, Asset, Forecast, Formula, Model, Rule, Sensor, Total
from gatewayd.config.kinds import (
    GATEWAY_ID,
    NOT_EMPTY,
    NOT_LONG,
    POSITIVE,
    TOPIC_PREFIX,
    Bound,
    Extent,
    Size,
    lasting,
    sized,
)
from gatewayd.config.rotation import Shaft, Zones
from gatewayd.duration import Duration
from gatewayd.features.bearings.geometry import Orders

EXAMPLE_URL = '"mqtt://broker.example.com"'
EXTENT = 'a duration up to "30d", or a number of values from 2 on'

Interval = Annotated[Duration, lasting("10ms", "1d")]
Patterns = Annotated[tuple[str, ...], NOT_EMPTY]
BLADES = Bound("a whole number from 1 to 100", lambda value: 1 <= value <= 100, {"minimum": 1, "maximum": 100})
BALLS = Bound("a whole number from 3 to 300", lambda value: 3 <= value <= 300, {"minimum": 3, "maximum": 300})
ANGLE = Bound("degrees from 0 to below 90", lambda value: 0 <= value < 90, {"minimum": 0, "exclusiveMaximum": 90})
Length = Annotated[float, POSITIVE]
RECORDED = Bound('"0MB" for none, or a size from "1MB" to "1000GB"', lambda size: size == 0 or 10**6 <= size <= 10**12)


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """`[gateway]`: who this is, and where it keeps its state (None: where the system wants it)."""

    id: Annotated[str, GATEWAY_ID, NOT_LONG]
    state_dir: Path | None = None


class MqttTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[mqtt]` as it is written."""

    url: Annotated[str, Bound(f"an address such as {EXAMPLE_URL}", bool, {"pattern": "^[Mm][Qq][Tt][Tt][Ss]?://"})]
    username: str | None = None
    password_file: Path | None = None
    protocol: Literal["5", "3.1.1"] = "5"
    profile: Literal["lan", "lte"] = "lan"
    prefix: Annotated[str, TOPIC_PREFIX] = "gatewayd"
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class Mqtt(MqttTable, frozen=True, kw_only=True):
    """`[mqtt]` with the password of its file, and paths that no longer depend on where the config is."""

    password: str | None = None


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """`[outbox]`: how much disk it may take."""

    max_size: Annotated[Size, sized("1MiB", "1000GB")] = Size.parse("64MB")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`[summary]`: how often each source is summed up."""

    every: Annotated[Duration, lasting("1s", "1d")] = Duration.parse("60s")


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """`[readings]`: the channels whose every reading goes upstream, and how long readings are gathered."""

    channels: Patterns = ()
    every: Annotated[Duration, lasting("10ms", "1h")] = Duration.parse("500ms")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """`[sources.NAME]`: the type of a source, how often it is polled, and its plugin's options as they are written.

    `isolation`: whether its line is polled in a process of its own.
    """

    plugin: Annotated[str, Bound('the type of the source, such as "modbus"', bool)]
    interval: Interval = Duration.parse("1s")
    isolation: Literal["none", "process"] = "none"
    options: dict[str, Any] = {}


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """`[features.NAME]`: what to compute from windows of some channels, and what is known of the machine.

    `window` None: each burst of a waveform as it is. `every` None: half the window.
    """

    channels: Patterns
    compute: Annotated[tuple[str, ...], NOT_EMPTY]
    window: Annotated[Extent, Bound(EXTENT, Extent.reaches)] | None = None
    every: Interval | None = None
    shaft: Shaft | None = None
    blades: Annotated[int, BLADES] | None = None
    severity: Zones | None = None


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """`[bearings.NAME]`: a rolling bearing, by its type, its geometry or its orders, and where it is heard."""

    channel: Annotated[str, Bound('a channel of waveforms, such as "pump1.acceleration"', bool)]
    shaft: Shaft
    type: str | None = None
    balls: Annotated[int, BALLS] | None = None
    ball_diameter: Length | None = None
    pitch_diameter: Length | None = None
    angle: Annotated[float, ANGLE] | None = None
    orders: Orders | None = None
    window: Annotated[Duration, lasting("10ms", "1m")] = Duration.parse("1s")
    every: Interval | None = None


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """`[record]`: how much disk the record of all that the engine was fed may take; 0: none is kept."""

    max_size: Annotated[Size, RECORDED] = Size.parse("0MB")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """`[evidence]`: what is kept of each alarm, from how long before it to how long after, within how much disk."""

    max_size: Annotated[Size, sized("1MB", "1000GB")] = Size.parse("16MB")
    before: Annotated[Duration, lasting("0s", "1h")] = Duration.parse("60s")
    after: Annotated[Duration, lasting("0s", "1h")] = Duration.parse("30s")


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """`[metrics]`: where Prometheus may ask how the gateway is doing; None: nothing listens."""

    listen: Annotated[str, LISTENING] | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """The host and the port."""
        return None if self.listen is None else address(self.listen)


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """`[tests.NAME]`: a recording, and what the config should make of it; see `gatewayd test`.

    `as` is the source that its columns are of, where their names do not say it.
    """

    recording: Path
    expect: tuple[str, ...] = ()
    as_: str | None = msgspec.field(name="as", default=None)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    gateway: Gateway
    mqtt: Mqtt
    sources: dict[str, Source]
    outbox: Outbox = Outbox()
    summary: Summary = Summary()
    readings: Readings = Readings()
    record: Recording = Recording()
    evidence: Evidence = Evidence()
    metrics: Metrics = Metrics()
    alarms: Alarms = Alarms()
    features: dict[str, Feature] = {}
    bearings: dict[str, Bearing] = {}
    sensors: dict[str, Sensor] = {}
    calculated: dict[str, Formula] = {}
    totals: dict[str, Total] = {}
    assets: dict[str, Asset] = {}
    models: dict[str, Model] = {}
    forecasts: dict[str, Forecast] = {}
    tests: dict[str, Trial] = {}
    rules: dict[str, Rule] = {}

"""An engine over one source, `pump1`, fed with seconds and numbers."""

import numpy as np

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import (
    Condition,
    Plan,
    PlannedBurstFeatures,
    PlannedChannel,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedWindow,
)
from gatewayd.model import Alarm, Burst, Kind, Polled, Quality, Readings, Summary, Tick

SECOND = 1_000_000_000
NAMES = ("pressure", "flow", "running")
UNITS = {"pressure": "bar", "flow": "l/min", "vibration": "m/s2"}


def ns(seconds):
    return round(seconds * SECOND)


def rule(condition, channel="pressure", *, gate=None, name="watch", span=0, on_delay=0, off_delay=0, **more):
    """A planned rule by the names of its channels, its times in seconds."""

    def planned(numbers):
        return PlannedRule(
            name=name,
            condition=Condition(condition),
            channel=numbers[f"pump1.{channel}"],
            gate=None if gate is None else numbers[f"pump1.{gate}"],
            span=ns(span),
            on_delay=ns(on_delay),
            off_delay=ns(off_delay),
            **more,
        )

    return planned


def small_plan(
    *rules, names=NAMES, interval=1, window=None, features=("rms",), hop=0, bursts=None, readings=None, summary=3600
):
    """One group of `names`; `window`: seconds of features of the first; `bursts`: features of `acceleration`."""
    channels = [PlannedChannel(f"pump1.{name}", UNITS.get(name, ""), "pump1") for name in names]
    groups = [PlannedGroup("pump1", tuple(range(len(names))), ns(interval))]
    windows, planned_bursts = [], []
    if window is not None:
        outputs = _derive(channels, names[0], features)
        windows = [PlannedWindow(names[0], 0, (0,), ns(window), 0, ns(hop), tuple(features), (outputs,))]
    if bursts is not None:
        channels.append(PlannedChannel("pump1.acceleration", "m/s2", "pump1", Kind.WAVEFORM))
        groups.append(PlannedGroup("pump1", (len(channels) - 1,), ns(interval)))
        number = len(channels) - 1
        outputs = _derive(channels, "acceleration", bursts)
        planned_bursts = [PlannedBurstFeatures("acceleration", number, tuple(bursts), outputs)]
    numbers = {channel.name: number for number, channel in enumerate(channels)}
    return Plan(
        channels=tuple(channels),
        groups=tuple(groups),
        windows=tuple(windows),
        bursts=tuple(planned_bursts),
        rules=tuple(planned(numbers) for planned in rules),
        readings=() if readings is None else (PlannedReadings(0, tuple(range(len(names))), ns(readings)),),
        summary_every=ns(summary),
    )


def _derive(channels, name, features):
    first = len(channels)
    channels += [PlannedChannel(f"pump1.{name}.{feature}", "", "pump1", derived=True) for feature in features]
    return tuple(range(first, len(channels)))


class SmallEngine:
    """Keeps all that the engine says: `records`, and `saved` as the outbox would have it."""

    def __init__(self, *rules, boot="boot-1", saved=None, restored_at=0, **plan):
        self.plan = small_plan(*rules, **plan)
        self.names = [channel.name.removeprefix("pump1.") for channel in self.plan.channels]
        self.engine = Engine(self.plan, boot)
        self.records = []
        self.saved = {}
        if saved is not None:
            self.saved = dict(saved)
            self._take(self.engine.restore(saved.values(), ns(restored_at)))

    def poll(self, at, *, failed=False, missed=0, reasons=None, **values):
        """One poll of the first group; a value may be None (bad) or a pair with its quality; one left out is absent."""
        row = [values.get(name, (np.nan, Quality.ABSENT)) for name in self._polled_names()]
        pairs = [self._pair(value) for value in row]
        return self.feed(
            Polled(
                0,
                ns(at),
                np.array([value for value, _ in pairs], dtype=np.float64),
                np.array([quality for _, quality in pairs], dtype=np.uint8),
                reasons or {},
                missed,
                failed,
            )
        )

    def fail(self, at, why="no answer within 1 s"):
        """A poll that the device did not answer."""
        names = self._polled_names()
        return self.poll(at, failed=True, reasons=dict.fromkeys(names, why), **dict.fromkeys(names))

    def polls(self, values, name="pressure", start=0.0, every=1.0, **others):
        """A series of polls."""
        for n, value in enumerate(values):
            self.poll(start + n * every, **{name: value}, **others)

    def burst(self, at, values, rate=1000.0, quality=Quality.GOOD, reason=""):
        number = self.names.index("acceleration")
        return self.feed(Burst(number, ns(at), rate, np.asarray(values, dtype=np.float64), quality, reason))

    def tick(self, at):
        return self.feed(Tick(ns(at)))

    def ticks(self, start, end, every=0.5):
        for at in np.arange(start, end, every):
            self.tick(float(at))

    def stop(self, at):
        return self._take(self.engine.stop(ns(at)))

    def feed(self, item):
        return self._take(self.engine.feed(item))

    @property
    def alarms(self):
        return self._of(Alarm)

    @property
    def summaries(self):
        return self._of(Summary)

    @property
    def readings(self):
        return self._of(Readings)

    def story(self):
        """The alarms in short: (state, seconds)."""
        return [(str(alarm.state), alarm.time / SECOND) for alarm in self.alarms]

    def _of(self, kind):
        return [record for record in self.records if isinstance(record, kind)]

    def _take(self, output):
        self.records += output.records
        self.saved |= {(item.stage, item.name): item for item in output.saved}
        return output

    def _polled_names(self):
        return [self.names[number] for number in self.plan.groups[0].channels]

    def _pair(self, value):
        if value is None:
            return np.nan, Quality.BAD
        return value if isinstance(value, tuple) else (value, Quality.GOOD)

"""An engine over one source, `pump1`, fed with seconds and numbers."""

import numpy as np

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import (
    USUAL,
    WHOLE,
    Condition,
    Plan,
    PlannedBearing,
    PlannedBurstFeatures,
    PlannedCalculation,
    PlannedChannel,
    PlannedCut,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedSensor,
    PlannedShaft,
    PlannedWindow,
)
from gatewayd.features.notation import parse
from gatewayd.model import Burst, Command, Computed, Kind, Order, Polled, Quality, Tick
from gatewayd.records import Alarm, Flood, Readings, Summary, Verdict
from gatewayd_ext.terms import Term

SECOND = 1_000_000_000
NAMES = ("pressure", "flow", "running")
ORDERS = (3.58, 5.42, 2.36, 0.398)
SCORES = ("score", "outer_race", "inner_race", "ball")
UNITS = {"pressure": "bar", "flow": "l/min", "vibration": "m/s2"}


def ns(seconds):
    return round(seconds * SECOND)


def rule(condition, channel="pressure", *, gate=None, name="watch", span=0, on_delay=0, off_delay=0, **more):
    """A planned rule by the names of its channels, its times in seconds."""

    def planned(numbers):
        return PlannedRule(
            name=name,
            condition=Condition(condition),
            channel=numbers[channel],
            gate=None if gate is None else numbers[gate],
            span=ns(span),
            on_delay=ns(on_delay),
            off_delay=ns(off_delay),
            **more,
        )

    return planned


def term(text):
    """A feature as it is written: `rms`, `band_rms(10, 1000)`."""
    written = parse(text)
    return Term(written.name, written.parameters)


def cut(*, span=0, samples=0, every=0):
    """How a waveform is cut, in seconds."""
    return PlannedCut(ns(span), samples, ns(every))


def small_plan(
    *rules,
    names=NAMES,
    interval=1,
    window=None,
    features=("rms",),
    hop=0,
    bursts=None,
    cut=WHOLE,
    shaft=None,
    sludge=None,
    bearing=False,
    sensors=(),
    derivers=(),
    alarms=USUAL,
    readings=None,
    summary=3600,
):
    """One group of `names`; `window`: seconds of features of the first; `bursts`: features of `acceleration`.

    `sludge`: the channel of which a calculation of that name is asked for; `bearing`: one at `acceleration`. `shaft`: a
    speed in Hz, the name of a channel (in revolutions per minute), or a pair to look between.

    `sensors`: names of channels that are checked, each with what else its `PlannedSensor` says; `pressure.fault` is the
    channel that follows.

    `derivers`: functions of (numbers, derive) that give a planned deriver each, in the order in which they are asked.
    `numbers` are the channels' by name (`pressure`, `pressure.rms`, `calculated.head`), `derive("calculated.head")`
    numbers a new one, with its unit if there is to be one; later derivers, and rules, find it by that name:

        def head(numbers, derive):
            return PlannedFormula("head", (numbers["pressure"],), (derive("calculated.head", "m"),), ("$0", 10.2, "*"))

        SmallEngine(rule("above", "calculated.head", high=30.0), derivers=[head])
    """
    channels = [PlannedChannel(f"pump1.{name}", UNITS.get(name, ""), "pump1") for name in names]
    groups = [PlannedGroup("pump1", tuple(range(len(names))), ns(interval))]
    shaft = _shaft(shaft, names)
    windows, planned_bursts, calculations, bearings = [], [], [], []
    if window is not None:
        outputs = _derive(channels, names[0], features)
        terms = tuple(map(term, features))
        windows = [PlannedWindow(names[0], 0, (0,), ns(window), 0, ns(hop), terms, (outputs,))]
    if bursts is not None or bearing or sludge == "acceleration":
        number = len(channels)
        channels.append(PlannedChannel("pump1.acceleration", "m/s2", "pump1", Kind.WAVEFORM))
        groups.append(PlannedGroup("pump1", (number,), ns(interval)))
    if bursts is not None:
        outputs = _derive(channels, "acceleration", bursts)
        terms = tuple(map(term, bursts))
        planned_bursts = [PlannedBurstFeatures("acceleration", number, terms, outputs, cut, shaft)]
    if sludge is not None:
        of = [channel.name for channel in channels].index(f"pump1.{sludge}")
        outputs = _derive(channels, sludge, ["sludge"])
        at = None if sludge == "acceleration" else 0
        calculations.append(PlannedCalculation("sludge", of, outputs, cut, at, 0, shaft))
    if bearing:
        first = len(channels)
        channels += [PlannedChannel(f"bearing.drive_end.{name}", "1", "pump1", derived=True) for name in SCORES]
        calculations.append(PlannedCalculation("drive_end", number, (), cut, shaft=shaft))
        outputs = tuple(range(first, len(channels)))
        bearings = [PlannedBearing("drive_end", number, len(calculations) - 1, ORDERS, outputs)]
    numbers = {channel.name.removeprefix("pump1."): number for number, channel in enumerate(channels)}

    def derive(name, unit=""):
        numbers[name] = len(channels)
        channels.append(PlannedChannel(name, unit, "pump1", derived=True))
        return numbers[name]

    planned_sensors = tuple(_sensor(numbers, derive, *sensor) for sensor in sensors)
    planned_derivers = tuple(planned(numbers, derive) for planned in derivers)
    return Plan(
        channels=tuple(channels),
        groups=tuple(groups),
        windows=tuple(windows),
        bursts=tuple(planned_bursts),
        calculations=tuple(calculations),
        bearings=tuple(bearings),
        sensors=planned_sensors,
        derivers=planned_derivers,
        rules=tuple(planned(numbers) for planned in rules),
        alarms=alarms,
        readings=() if readings is None else (PlannedReadings(0, tuple(range(len(names))), ns(readings)),),
        summary_every=ns(summary),
    )


def _sensor(numbers, derive, name, more):
    gate = more.get("gate")
    more = {**more, "gate": None if gate is None else numbers[gate]}
    return PlannedSensor(name, numbers[name], (derive(f"{name}.fault"),), **more)


def _derive(channels, name, features):
    first = len(channels)
    channels += [PlannedChannel(f"pump1.{name}.{feature}", "", "pump1", derived=True) for feature in features]
    return tuple(range(first, len(channels)))


def _shaft(shaft, names):
    if shaft is None or isinstance(shaft, PlannedShaft):
        return shaft
    if isinstance(shaft, str):
        return PlannedShaft(channel=names.index(shaft), factor=1 / 60)
    return PlannedShaft(low=shaft[0], high=shaft[1]) if isinstance(shaft, tuple) else PlannedShaft(shaft)


class SmallEngine:
    """Keeps all that the engine says: `records`, `requests`, and `saved` as the outbox would have it."""

    def __init__(self, *rules, boot="boot-1", saved=None, restored_at=0, **plan):
        self.plan = small_plan(*rules, **plan)
        self.names = [channel.name.removeprefix("pump1.") for channel in self.plan.channels]
        self.derived = []
        self.engine = Engine(self.plan, boot, self.derived.append)
        self.records = []
        self.requests = []
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

    def burst(self, at, values, rate=1000.0, quality=Quality.GOOD, reason="", **flaws):
        number = self.names.index("acceleration")
        values = np.asarray(values, dtype=np.float64)
        return self.feed(Burst(number, ns(at), rate, values, quality, reason, **flaws))

    def computed(self, at, *values, calculation=0, quality=Quality.GOOD, reason=""):
        """What came of a request."""
        return self.feed(Computed(calculation, ns(at), np.array(values, dtype=np.float64), quality, reason))

    def tick(self, at):
        return self.feed(Tick(ns(at)))

    def ticks(self, start, end, every=0.5):
        for at in np.arange(start, end, every):
            self.tick(float(at))

    def order(self, at, order, subject="watch", *, lasting=0, by="", why=""):
        """An operator's order; `lasting` in seconds."""
        return self.feed(Command(ns(at), Order(order), subject, ns(lasting), by=by, why=why))

    def stop(self, at):
        return self._take(self.engine.stop(ns(at)))

    def feed(self, item):
        return self._take(self.engine.feed(item))

    @property
    def alarms(self):
        return self._of(Alarm)

    @property
    def floods(self):
        return self._of(Flood)

    @property
    def summaries(self):
        return self._of(Summary)

    @property
    def readings(self):
        return self._of(Readings)

    @property
    def verdicts(self):
        return self._of(Verdict)

    def values(self, name):
        """What a derived channel came to, one after the other; NaN where it was bad."""
        return [value for value, _, _ in self.told(name)]

    def told(self, name):
        """The same with the quality and the reason, if there is one."""
        number = self.names.index(name)
        of = [(each, each.outputs.index(number)) for each in self.derived if number in each.outputs]
        return [(float(each.values[n]), int(each.qualities[n]), each.reasons.get(name, "")) for each, n in of]

    def story(self):
        """The alarms in short: (state, seconds)."""
        return [(str(alarm.state), alarm.time / SECOND) for alarm in self.alarms]

    def _of(self, kind):
        return [record for record in self.records if isinstance(record, kind)]

    def _take(self, output):
        self.records += output.records
        self.requests += output.requests
        self.saved |= {(item.stage, item.name): item for item in output.saved}
        return output

    def _polled_names(self):
        return [self.names[number] for number in self.plan.groups[0].channels]

    def _pair(self, value):
        if value is None:
            return np.nan, Quality.BAD
        return value if isinstance(value, tuple) else (value, Quality.GOOD)

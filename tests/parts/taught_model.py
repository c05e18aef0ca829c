"""A model of the engine alone, fed with rows; and a pump that is healthy, warms up or fails."""

import numpy as np

from gatewayd.engine.latest import Row
from gatewayd.engine.models.models import Model
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup, PlannedModel
from gatewayd.engine.said import Said
from gatewayd.model import Command, Order, Quality

SECOND = 1_000_000_000
RUNNING = {"gate": "running"}
NAMES = ("current", "flow", "pressure", "vibration")
UNITS = {"current": "A", "flow": "l/min", "pressure": "bar", "vibration": "mm/s", "speed": "/min"}
LEVELS = np.array([2.5, 32.0, 4.2, 1.1])
SCATTERS = np.array([0.1, 0.4, 0.05, 0.03])


def healthy(count, seed=1, names=NAMES):
    """Rows of a pump that runs well: noise with a memory, and a load that all channels share."""
    noise = np.random.default_rng(seed)
    course, load = np.zeros(len(names)), 0.0
    rows = np.empty((count, len(names)))
    for n in range(count):
        load = 0.95 * load + 0.3 * noise.normal()
        course = 0.6 * course + 0.8 * noise.normal(size=len(names))
        rows[n] = course + 0.7 * load
    return LEVELS[: len(names)] + rows * SCATTERS[: len(names)]


def planned(names=NAMES, behind=(), *, interval=1.0, units=UNITS, **more):
    """A plan with one model of the channels `names`; `behind` are those that guide it, by `gate`, `steady`, `point`."""
    channels = [
        PlannedChannel(f"pump1.{name}", units.get(name, ""), "pump1") for name in (*names, *dict(behind).values())
    ]
    outputs = len(channels), len(channels) + 1
    channels += [PlannedChannel(f"health.pump1{end}", "1", "pump1", derived=True) for end in ("", ".change")]
    places = {key: len(names) + n for n, key in enumerate(dict(behind))}
    group = PlannedGroup("pump1", tuple(range(outputs[0])), round(interval * SECOND))
    model = PlannedModel("pump1", group.channels, outputs, asset="pump1", **({"rows": 400} | more), **places)
    return Plan(tuple(channels), (group,), derivers=(model,))


class TaughtModel:
    """Keeps all that the model says: `news`, `saved` as the outbox has it, `scores`, `changes` and `reasons` by row."""

    def __init__(self, names=NAMES, behind=(), *, boot="boot-1", saved=None, restored_at=0, **more):
        self.plan = planned(names, behind, **more)
        self.interval = self.plan.groups[0].interval
        self.model = Model(self.plan.derivers[0], self.plan, paces(self.plan), boot)
        self.now = restored_at * SECOND
        self.news, self.scores, self.changes, self.reasons, self.qualities = [], [], [], [], []
        self.saved = dict(saved or {})
        self.saves = 0
        if saved is not None:
            self.model.restore(self.saved, self.now)

    def row(self, values, qualities=None, *, at=None, why="pump1.flow is bad"):
        """One row, an interval after the last one or at `at` seconds."""
        self.now = self.now + self.interval if at is None else round(at * SECOND)
        values = np.asarray(values, dtype=np.float64)
        if qualities is None:
            qualities = np.where(np.isfinite(values), Quality.GOOD, Quality.BAD)
        said = Said()
        row = Row(self.now, values, np.asarray(qualities, dtype=np.uint8))
        derived = self.model.step(row, lambda: why, said)
        self._take(said)
        if derived is not None:
            self.scores.append(float(derived.values[0]))
            self.changes.append(float(derived.values[1]))
            self.qualities.append(int(derived.qualities[0]))
            self.reasons.append(next(iter(derived.reasons.values()), ""))
        return derived

    def rows(self, rows):
        for row in rows:
            self.row(row)
        return np.array(self.scores[-len(rows) :])

    def order(self, order, **more):
        said = Said()
        subject = "pump1"
        self.model.command(Command(self.now, Order(order), subject, **more), said)
        self._take(said)

    def stop(self):
        self._keep(self.model.state(self.now))

    def again(self, boot="boot-1", at=None, **more):
        """The same model after a restart with what is saved."""
        at = self.now / SECOND if at is None else at
        return TaughtModel(boot=boot, saved=self.saved, restored_at=at, **more)

    @property
    def status(self):
        return self.model.status()

    @property
    def events(self):
        return [str(each.event) for each in self.news]

    def _take(self, said):
        self.news += said.urgent
        self._keep(said.saved)

    def _keep(self, saved):
        for item in saved:
            self.saves += 1
            self.saved[item.stage, item.name] = item


def taught(rows=400, seed=1, **more):
    model = TaughtModel(**({"rows": rows} | more))
    model.rows(healthy(rows, seed))
    return model


def with_guide(rows, *guides):
    return np.column_stack([rows, *(np.broadcast_to(guide, len(rows)) for guide in guides)])

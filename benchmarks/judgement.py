"""What judging costs: the kernels for one row of 8 channels, the engine around them, a model's size.

CPU time of one thread, the best of some rounds, all in one run. The goals are 2 microseconds in kernels, and
100 kB for a model. `replay.py` has a day's replay.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from gatewayd.config import load
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import Plan
from gatewayd.model import Floats, Polled
from gatewayd.models.fitting import fit
from gatewayd.records import Saved
from gatewayd_ext import reference_changes, reference_guard, reference_health
from gatewayd_ext.guarding import Checks
from gatewayd_ext.judging import Changes, Guard, Health

CHANNELS = 8
LEARNED = 400
SECOND = 1_000_000_000
NAMES = [f"c{n}" for n in range(CHANNELS)]
CONFIG = """\
[gateway]
id = "bench"
[mqtt]
url = "mqtt://localhost"
[sources.rig]
plugin = "recording"
{sensors}
[models.rig]
channels = ["*"]
learn = 400
[rules.unwell]
channel = "health.rig"
above = 1.0
for = "10s"
"""
SENSORS = '[sensors.rig]\nchannels = ["*"]\n'


def rows(count: int) -> Floats:
    """Eight channels that move a little, each about its own level."""
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal((count, CHANNELS))
    for n in range(1, count):
        drawn[n] += 0.6 * drawn[n - 1]
    return drawn * np.logspace(-2, 3, CHANNELS) * 0.01 + np.logspace(-2, 3, CHANNELS)


def each(work: Callable[[], object], count: int, rounds: int = 7) -> float:
    """CPU nanoseconds of one of `count` steps, the best round."""
    taken = []
    for _ in range(rounds):
        begin = time.process_time_ns()
        work()
        taken.append((time.process_time_ns() - begin) / count)
    return min(taken)


def kernels() -> None:
    """The three kernels that judge a row, and their twins."""
    values = rows(5000)
    learned = fit(values[:LEARNED], np.zeros(LEARNED, dtype=bool))
    good = np.zeros(CHANNELS, dtype=np.uint8)
    checks = tuple(Checks(-np.inf, np.inf, 0, np.inf, 0.2) for _ in NAMES)
    makers: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "Health": (
            lambda: Health(learned, 1.7, adapts=True),
            lambda: reference_health.Health(learned, 1.7, adapts=True),
        ),
        "Changes": (lambda: Changes(learned, 6.0), lambda: reference_changes.Changes(learned, 6.0)),
        "Guard": (lambda: Guard(SECOND, checks), lambda: reference_guard.Guard(SECOND, checks)),
    }
    total = 0.0
    for name, (kernel, twin) in makers.items():
        ours = each(partial(_feed, kernel(), values, good), len(values))
        slow = each(partial(_feed, twin(), values[:500], good), 500, 1)
        total += ours
        print(f"{name:<8} {ours:6.0f} ns a row of {CHANNELS} channels; its twin takes {slow / ours:4.0f} times as long")
    print(f"together {total:6.0f} ns, calls from Python included   goal 2000 ns")


def _feed(kernel: object, values: Iterable[Floats], good: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
    if isinstance(kernel, Guard | reference_guard.Guard):
        for n, row in enumerate(values):
            kernel.push(n * SECOND, row, good, 0)
    elif isinstance(kernel, Health | reference_health.Health | Changes | reference_changes.Changes):
        for row in values:
            kernel.step(row, good)


def engine(folder: Path) -> None:
    """One row through the engine, and what is kept of the model."""
    values = rows(20_000)
    polls = [Polled(0, n * SECOND, row, np.zeros(CHANNELS, dtype=np.uint8)) for n, row in enumerate(values)]
    for name, sensors in (("model and rule", ""), ("sensors, model and rule", SENSORS)):
        path = folder / "gatewayd.toml"
        path.write_text(CONFIG.format(sensors=sensors))
        plan = load(path, columns={"rig": NAMES}).plan
        taken = each(partial(_played, plan, polls), len(polls), 3)
        print(f"engine, {name}: {taken / 1000:.1f} us a row")
    learning, judging = (_kept(plan, polls[:count]) for count in (LEARNED - 1, len(polls)))
    print(f"what is kept of the model: {judging:.1f} kB, while it learns {learning:.1f} kB   goal 100 kB")


def _played(plan: Plan, polls: Sequence[Polled]) -> dict[tuple[str, str], Saved]:
    """What is saved after all polls."""
    made = Engine(plan, "boot")
    outputs = [*map(made.feed, polls), made.stop(len(polls) * SECOND)]
    return {(item.stage, item.name): item for output in outputs for item in output.saved}


def _kept(plan: Plan, polls: Sequence[Polled]) -> float:
    saved = _played(plan, polls).values()
    return sum(len(item.data) for item in saved if item.stage in ("models", "learning", "drift")) / 1000


def main() -> None:
    """Print all of it."""
    kernels()
    with TemporaryDirectory() as folder:
        engine(Path(folder))


if __name__ == "__main__":
    main()

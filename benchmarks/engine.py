"""What the engine costs: per poll of 50 channels, and per second of the vibration of three axes.

A poll has a window on one channel, a gated rule and readings. A vibration comes in bursts of a second, that are one
signal, and are cut into windows that overlap by half.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import (
    Condition,
    Plan,
    PlannedBurstFeatures,
    PlannedChannel,
    PlannedCut,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedShaft,
    PlannedWindow,
)
from gatewayd.model import Burst, Input, Kind, Polled
from gatewayd_ext.terms import Term, named

SECOND = 1_000_000_000
CHANNELS = 50
INTERVAL = SECOND // 10
FEATURES = named("rms", "kurtosis", "crest_factor")
KEPT = named("rms", "mean", "std", "min", "max")
POLLS = 20_000
RUNS = 5

AXES = 3
RATE = 6400
WAVE_FEATURES = (
    *named("rms", "peak", "crest_factor", "kurtosis", "skewness", "median", "spectral_centroid", "spectral_entropy"),
    Term("velocity_rms", (10, 1000), 1000.0),
    Term("severity", (10, 1000, 2.5, 4.0, 6.6), 1000.0),
    *(Term("band_rms", (low, low + 400)) for low in range(0, 3200, 400)),
    *(Term("order_rms", (order, 0.1)) for order in (1, 2, 6)),
    *(Term("envelope_order", (1600, 3200, order)) for order in (0.398, 2.36, 3.58, 5.42)),
)
SECONDS = 60


def plan(hop: int, features: tuple[Term, ...] = FEATURES) -> Plan:
    """One device of 50 channels at 10 Hz, as in the end-to-end benchmark."""
    derived = tuple(range(CHANNELS, CHANNELS + len(features)))
    return Plan(
        channels=(
            *(PlannedChannel(f"device.c{n}", "bar", "device") for n in range(CHANNELS)),
            *(PlannedChannel(f"device.c0.{term.name}", "bar", "device", derived=True) for term in features),
        ),
        groups=(PlannedGroup("device", tuple(range(CHANNELS)), INTERVAL),),
        windows=(PlannedWindow("vibration", 0, (0,), 10 * SECOND, 0, hop, features, (derived,)),),
        rules=(PlannedRule(name="high", channel=1, condition=Condition.ABOVE, high=6.0, on_delay=10 * SECOND, gate=2),),
        readings=(PlannedReadings(0, tuple(range(CHANNELS)), SECOND),),
    )


def polls() -> Sequence[Polled]:
    """Noise about a level that no rule minds."""
    random = np.random.default_rng(1)
    values = random.normal(3.0, 0.1, (1000, CHANNELS))
    good = np.zeros(CHANNELS, dtype=np.uint8)
    return [Polled(0, n * INTERVAL, values[n % 1000], good) for n in range(POLLS)]


def waves(cut: PlannedCut) -> Plan:
    """Three axes of one machine, and all that is computed of them."""
    first = [AXES + axis * len(WAVE_FEATURES) for axis in range(AXES)]
    outputs = [tuple(range(number, number + len(WAVE_FEATURES))) for number in first]
    shaft = PlannedShaft(24.7)
    return Plan(
        channels=(
            *(PlannedChannel(f"pump.{axis}", "m/s2", "pump", Kind.WAVEFORM) for axis in "xyz"),
            *(PlannedChannel(f"pump.{number}", "", "pump", derived=True) for row in outputs for number in row),
        ),
        groups=(PlannedGroup("pump", tuple(range(AXES)), SECOND),),
        bursts=tuple(
            PlannedBurstFeatures("vibration", axis, WAVE_FEATURES, outputs[axis], cut, shaft) for axis in range(AXES)
        ),
        rules=(PlannedRule(name="high", channel=AXES, condition=Condition.ABOVE, high=60.0, on_delay=10 * SECOND),),
    )


def bursts(values: int, times: int, kind: type[np.float32 | np.float64]) -> Sequence[Burst]:
    """Noise that goes on without gaps, in bursts of so many values of each axis."""
    noise = np.random.default_rng(2).normal(0.0, 1.0, (AXES, values)).astype(kind)
    lasting = values * SECOND // RATE
    return [Burst(axis, n * lasting, float(RATE), noise[axis]) for n in range(times) for axis in range(AXES)]


def milliseconds(measured: Plan, inputs: Sequence[Input]) -> tuple[float, float]:
    """CPU time of all inputs, and of the median one; the best of some runs."""
    best = float("inf"), float("inf")
    for _ in range(RUNS):
        engine = Engine(measured, "boot")
        taken = []
        for item in inputs:
            before = time.process_time()
            engine.feed(item)
            taken.append((time.process_time() - before) * 1e3)
        best = min(best, (sum(taken), median(taken)))
    return best


def microseconds_per_poll(measured: Plan, inputs: Sequence[Polled]) -> float:
    """CPU time of the best of some runs."""
    best = float("inf")
    for _ in range(RUNS):
        engine = Engine(measured, "boot")
        before = time.process_time()
        for item in inputs:
            engine.feed(item)
        best = min(best, time.process_time() - before)
    return best / len(inputs) * 1e6


def main() -> None:
    """Print one line for each plan."""
    inputs = polls()
    plans = {
        "features every 5 s": plan(5 * SECOND),
        "features at every poll": plan(0),
        "other features at every poll, kept up to date": plan(0, KEPT),
        "features every 5 s, no readings": replace(plan(5 * SECOND), readings=()),
    }
    for name, measured in plans.items():
        print(f"{name}: {microseconds_per_poll(measured, inputs):.1f} us per poll of {CHANNELS} channels")
    for kind in (np.float64, np.float32):
        total, _ = milliseconds(waves(PlannedCut(samples=4096)), bursts(RATE, SECONDS, kind))
        what = f"{len(WAVE_FEATURES)} features of {AXES} axes at {RATE} Hz, windows of 4096 that overlap by half"
        print(f"{what}, {kind.__name__}: {total / SECONDS:.2f} ms per second")
    for values in (4096, 65_536, 1_000_000):
        _, each = milliseconds(waves(PlannedCut()), bursts(values, 3, np.float64))
        print(f"a whole burst of {values} values: {each:.2f} ms")


if __name__ == "__main__":
    main()

"""What the engine costs per poll of 50 channels, with a window on one, a gated rule and readings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import (
    Condition,
    Plan,
    PlannedChannel,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedWindow,
)
from gatewayd.model import Polled

SECOND = 1_000_000_000
CHANNELS = 50
INTERVAL = SECOND // 10
FEATURES = ("rms", "kurtosis", "crest_factor")
POLLS = 20_000
RUNS = 5


def plan(hop: int) -> Plan:
    """One device of 50 channels at 10 Hz, as in the end-to-end benchmark."""
    derived = tuple(range(CHANNELS, CHANNELS + len(FEATURES)))
    return Plan(
        channels=(
            *(PlannedChannel(f"device.c{n}", "bar", "device") for n in range(CHANNELS)),
            *(PlannedChannel(f"device.c0.{name}", "bar", "device", derived=True) for name in FEATURES),
        ),
        groups=(PlannedGroup("device", tuple(range(CHANNELS)), INTERVAL),),
        windows=(PlannedWindow("vibration", 0, (0,), 10 * SECOND, 0, hop, FEATURES, (derived,)),),
        rules=(PlannedRule(name="high", channel=1, condition=Condition.ABOVE, high=6.0, on_delay=10 * SECOND, gate=2),),
        readings=(PlannedReadings(0, tuple(range(CHANNELS)), SECOND),),
    )


def polls() -> Sequence[Polled]:
    """Noise about a level that no rule minds."""
    random = np.random.default_rng(1)
    values = random.normal(3.0, 0.1, (1000, CHANNELS))
    good = np.zeros(CHANNELS, dtype=np.uint8)
    return [Polled(0, n * INTERVAL, values[n % 1000], good) for n in range(POLLS)]


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
        "features every 5 s, no readings": replace(plan(5 * SECOND), readings=()),
    }
    for name, measured in plans.items():
        print(f"{name}: {microseconds_per_poll(measured, inputs):.1f} us per poll of {CHANNELS} channels")


if __name__ == "__main__":
    main()

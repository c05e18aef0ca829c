"""What the analysis of a bearing costs, against the same steps in plain SciPy, and what is judged of the CWRU records.

CPU time of one thread for one window of 12,000 values, the median of several rounds, all in one run. The goal is 3 ms.
Run it with OMP_NUM_THREADS=1. The records are read in place (../shared/data/cwru) and passed over where they are not.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gatewayd.features.bearings.analysis import Scores, analyse
from gatewayd.features.bearings.types import TYPES
from gatewayd.features.bearings.votes import MARGIN, THRESHOLD, Votes, verdict
from gatewayd.features.shaft import estimate
from gatewayd.model import Floats, Signal

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "parts"))

from plain_bearings import plain_scores  # noqa: E402

CWRU = HERE.parents[1] / "shared" / "data" / "cwru"
ORDERS = TYPES["6205"].orders()
RATE = 12_000
SHAFT = 29.95


def milliseconds(work: Callable[[], object], times: int, rounds: int = 9) -> float:
    """CPU milliseconds of one call."""
    work()
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        for _ in range(times):
            work()
        taken.append((time.process_time() - begin) / times)
    return 1e3 * statistics.median(taken)


def costs() -> None:
    """Print what a window costs."""
    noise: Floats = np.random.default_rng(1).standard_normal(RATE)
    ours = milliseconds(lambda: analyse(noise, RATE, SHAFT, ORDERS), 40)
    plain = milliseconds(lambda: plain_scores(noise, RATE, SHAFT, ORDERS), 2)
    print(f"analyse, 12,000 values           {ours:7.2f} ms   goal 3 ms")
    print(f"the same steps in plain SciPy    {plain:7.2f} ms   {plain / ours:.1f} x")
    print(f"estimate of the shaft's speed    {milliseconds(lambda: estimate(noise, RATE, 20, 40), 40):7.2f} ms")
    faster = noise.repeat(4)
    print(
        f"analyse, 48,000 values at 48 kHz {milliseconds(lambda: analyse(faster, 48_000, SHAFT, ORDERS), 10):7.2f} ms"
    )


def verdicts() -> None:
    """Print what is judged of the records, window by window: scores of outer race / inner race / balls."""
    print(f"\nA window counts above {THRESHOLD} and {MARGIN} ahead of the others; its scores, and * where it counts.")
    for path in sorted(CWRU.glob("*.npz")):
        with np.load(path) as content:
            values, rate, shaft = content["DE"], float(content["rate"]), float(content["rpm"]) / 60
        _judge(path.stem, values, rate, shaft)


def _judge(name: str, values: Signal, rate: float, shaft: float) -> None:
    votes, shown = Votes(), []
    for window in values[: 5 * int(rate)].reshape(5, -1):
        scores = analyse(window, rate, shaft, ORDERS)
        opinion = votes.push(scores)
        shown.append(_shown(scores))
    print(f"{name:18} {opinion.fault:10} {opinion.votes}/5   {'   '.join(shown)}")


def _shown(scores: Scores) -> str:
    mark = " " if verdict(scores) == "none" else "*"
    return f"{scores.outer_race:4.1f}/{scores.inner_race:4.1f}/{scores.ball:4.1f}{mark}"


if __name__ == "__main__":
    costs()
    verdicts()

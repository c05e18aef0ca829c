"""Each kernel against its NumPy twin within one run: `python benchmarks/kernels.py`.

Rounds of kernel and twin alternate; a figure is the best round's time of one call, `ratio` twin / kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time_ns

import numpy as np

from gatewayd_ext import reference, sliding, tally, window
from gatewayd_ext.terms import SLIDING, named

SIZES = (16, 256, 1024, 4096)
GROUPS = (1, 50)
ROUNDS = 7
ROUND_NS = 15_000_000
SECOND = 1_000_000_000

TERMS = named("mean", "std", "min", "max", "rms", "peak_to_peak", "crest_factor", "kurtosis", "slope")

Call = Callable[[], object]


def main() -> None:
    """Print one line for each kernel and size."""
    print(f"{'call':<34}{'kernel us':>12}{'twin us':>12}{'ratio':>9}")
    together = 0.0
    for channels in GROUPS:
        kernel = report(
            f"Tally.push {channels} channels", *(pushed_tally(m.Tally, channels) for m in (tally, reference))
        )
        kernel += report(f"Window.push {channels} channels", *(pushed_window(m, channels) for m in (window, reference)))
        together = kernel
    print(f"one poll of {GROUPS[-1]} channels, Tally.push + Window.push: {together / 1000:.2f} us")
    for channels in GROUPS:
        for size in SIZES:
            name = f"Window.compute {channels} x {size}"
            report(name, *(computed_window(m, channels, size) for m in (window, reference)))
    for channels in GROUPS:
        for size in SIZES:
            name = f"Sliding, one poll of {channels} x {size}"
            report(name, *(polled_sliding(m, channels, size) for m in (sliding, reference)))


def report(name: str, kernel: Call, twin: Call) -> float:
    """Measure both, print the line, give the kernel's ns."""
    calls = [(call, calls_per_round(call)) for call in (kernel, twin)]
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        best = [min(so_far, once(*timed)) for so_far, timed in zip(best, calls, strict=True)]
    print(f"{name:<34}{best[0] / 1000:>12.3f}{best[1] / 1000:>12.3f}{best[1] / best[0]:>9.1f}")
    return best[0]


def calls_per_round(call: Call) -> int:
    """So many that a round takes long enough to be timed."""
    call()
    return max(1, int(ROUND_NS / once(call, 5)))


def once(call: Call, times: int) -> float:
    """CPU ns of one call."""
    start = thread_time_ns()
    for _ in range(times):
        call()
    return (thread_time_ns() - start) / times


def poll(channels: int) -> tuple[np.ndarray, np.ndarray]:
    """What one poll of sound channels looks like."""
    return np.random.default_rng(1).normal(20.0, 1.0, channels), np.zeros(channels, dtype=np.uint8)


def pushed_tally(kind: type, channels: int) -> Call:
    """One poll into a tally."""
    push, (values, qualities) = kind(channels).push, poll(channels)
    return lambda: push(values, qualities)


def pushed_window(module: object, channels: int) -> Call:
    """One poll into a window of ten seconds at 10 Hz."""
    made = module.Window(np.arange(channels), 10 * SECOND, 114, TERMS)
    push, (values, qualities) = made.push, poll(channels)
    return lambda: push(SECOND, values, qualities)


def computed_window(module: object, channels: int, size: int) -> Call:
    """All features of a full window."""
    made = module.Window(np.arange(channels), 0, size, TERMS)
    rng, qualities = np.random.default_rng(2), np.zeros(channels, dtype=np.uint8)
    for n in range(size + size // 3):
        made.push(n * SECOND // 10, rng.normal(20.0, 1.0, channels), qualities)
    out, counts = np.empty((channels, len(TERMS))), np.empty(channels, dtype=np.int64)
    return lambda: made.compute(size * SECOND, out, counts)


def polled_sliding(module: object, channels: int, size: int) -> Call:
    """One more poll into a full window and all features of it."""
    terms = named(*SLIDING)
    made, (values, qualities) = module.Sliding(np.arange(channels), 0, size, terms), poll(channels)
    out, counts = np.empty((channels, len(terms))), np.empty(channels, dtype=np.int64)
    for n in range(size):
        made.push(n, values, qualities)

    def poll_and_compute() -> None:
        made.push(0, values, qualities)
        made.compute(0, out, counts)

    return poll_and_compute


if __name__ == "__main__":
    main()

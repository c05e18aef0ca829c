"""Mean, deviation, smallest and largest of the last values of many channels: `python benchmarks/streaming.py`.

First after every poll of 1000 channels: a row is one way to have them; `ns` is CPU time per channel and poll, the least
of some rounds, in which the ways take turns; `ratio` is to `Sliding`. Pandas, bottleneck and river come in where they
are installed. Then for fewer channels and longer hops: what a poll costs with `Window`, by that with `Sliding`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import cycle
from time import thread_time_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.sliding import Sliding
from gatewayd_ext.terms import named
from gatewayd_ext.window import Window

CHANNELS = 1000
SIZES = (60, 600)
FEW = (1, 10, 50)
HOPS = (1, 4, 16, 60)
ROUNDS = 9
ROUND_NS = 20_000_000
TERMS = named("mean", "std", "min", "max")
SECOND = 1_000_000_000

Floats = NDArray[np.float64]
Poll = Callable[[], object]
POLLS = np.random.default_rng(1).normal(20.0, 1.0, (64, CHANNELS))


def main() -> None:
    """Print one line for each way and size."""
    print(f"{'way':<34}{'values':>8}{'ns':>10}{'ratio':>9}")
    for size in SIZES:
        ways = {name: make(size) for name, make in WAYS.items()}
        for name, make in PEERS.items():
            with suppress(ImportError):
                ways[name] = make(size)
        times = measure(ways)
        for name, took in times.items():
            print(f"{name:<34}{size:>8}{took / CHANNELS:>10.2f}{took / times['Sliding, by number']:>9.1f}")
    print(f"{'Window / Sliding, hops to a window':<34}" + "".join(f"{hops:>8}" for hops in HOPS))
    for channels in FEW:
        for size in SIZES:
            ratios = [compare(channels, size, max(1, size // hops)) for hops in HOPS]
            print(f"{channels:>6} channels, {size:>4} values{'':<10}" + "".join(f"{ratio:>8.2f}" for ratio in ratios))


def compare(channels: int, size: int, hop: int) -> float:
    """The cost of a Window by that of a Sliding, with features at each hop of so many polls."""
    times = measure({kind.__name__: kernel(kind, size, size * SECOND, channels, hop) for kind in (Window, Sliding)})
    return times["Window"] / times["Sliding"]


def measure(ways: dict[str, Poll]) -> dict[str, float]:
    """ns of a poll of each."""
    calls = {name: max(1, int(ROUND_NS / once(poll, 2))) for name, poll in ways.items()}
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        best = {name: min(best[name], once(poll, calls[name])) for name, poll in ways.items()}
    return best


def once(poll: Poll, times: int) -> float:
    """CPU ns of one poll."""
    start = thread_time_ns()
    for _ in range(times):
        poll()
    return (thread_time_ns() - start) / times


def rows() -> Iterator[Floats]:
    """The polls, again and again."""
    return cycle(POLLS)


def kernel(kind: type, size: int, span: int, channels: int = CHANNELS, hop: int = 1) -> Poll:
    """A hop of a full window of ours."""
    room = size * 9 // 8 + 2 if span else size
    made, polls, time = kind(np.arange(channels), span, room, TERMS), rows(), 0
    good, out, counts = np.zeros(CHANNELS, dtype=np.uint8), np.empty((channels, 4)), np.empty(channels, dtype=np.int64)

    def push(times: int) -> None:
        nonlocal time
        for _ in range(times):
            time += SECOND
            made.push(time, next(polls), good)

    def poll() -> None:
        push(hop)
        made.compute(time, out, counts)

    push(2 * size)
    return poll


def ring(size: int, statistics: Callable[[Floats], object]) -> Poll:
    """A ring of arrays and vectorized statistics of all of it."""
    values, polls, place = np.resize(POLLS, (size, CHANNELS)), rows(), 0

    def poll() -> None:
        nonlocal place
        place = (place + 1) % size
        values[place] = next(polls)
        statistics(values)

    return poll


def of_numpy(values: Floats) -> object:
    """The four of each column."""
    return values.mean(axis=0), values.std(axis=0), values.min(axis=0), values.max(axis=0)


def bottleneck(size: int) -> Poll:
    """The same with functions that pass over NaN."""
    bn: Any = import_module("bottleneck")
    return ring(size, lambda x: (bn.nanmean(x, 0), bn.nanstd(x, 0), bn.nanmin(x, 0), bn.nanmax(x, 0)))


def pandas(size: int) -> Poll:
    """The last row of rolling statistics, as a loop over polls would have it."""
    pd: Any = import_module("pandas")

    def statistics(values: Floats) -> object:
        rolling = pd.DataFrame(values).rolling(size)
        return [getattr(rolling, name)().iloc[-1] for name in ("mean", "std", "min", "max")]

    return ring(size, statistics)


def river(size: int) -> Poll:
    """One object for each channel and statistic."""
    stats, rolling = import_module("river.stats"), import_module("river.utils").Rolling
    all_of = [
        [rolling(stats.Mean(), size), rolling(stats.Var(), size), stats.RollingMin(size), stats.RollingMax(size)]
        for _ in range(CHANNELS)
    ]
    polls = rows()

    def poll() -> None:
        for each, value in zip(all_of, next(polls).tolist(), strict=True):
            for statistic in each:
                statistic.update(value)
                statistic.get()

    return poll


WAYS: dict[str, Callable[[int], Poll]] = {
    "Sliding, by number": lambda size: kernel(Sliding, size, 0),
    "Sliding, by time": lambda size: kernel(Sliding, size, size * SECOND),
    "Window": lambda size: kernel(Window, size, 0),
    "numpy over a ring": lambda size: ring(size, of_numpy),
}
PEERS: dict[str, Callable[[int], Poll]] = {
    "bottleneck over a ring": bottleneck,
    "pandas over a ring": pandas,
    "river": river,
}

if __name__ == "__main__":
    main()

"""What the guard's twin remembers of a channel; the kernel remembers the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gatewayd_ext.guarding import FINE


@dataclass(slots=True)
class Remembered:
    """What is remembered of each channel.

    Of values that were believed: how many were `seen` and how many `taught`, the `last` one, its `time` and its `step`
    from the one before; how many `moves` there were, and the `largest` that is remembered; the usual `noise` (how steps
    differ), `level`, `spread` around it, and share of new values (`novelty`); of how many `known` ones which were
    `recent`.

    For how many values and since when it has been the `same`, one of `few`, or `still`, and whether that `counts`. How
    many `rests` there were that were no fault, and where the last one was (`rested`). For how many values it has been
    `away`, or `astray` without pause; whether that is `shared` by others. The last `spike`, how many there were, and
    when the last ones. The share that is `missing`. What is found, since when; the last value; whether the machine is
    at rest.
    """

    seen: int = 0
    taught: int = 0
    time: int = 0
    last: float = 0.0
    step: float = 0.0
    moves: int = 0
    noise: float = 0.0
    largest: float = 0.0
    level: float = 0.0
    spread: float = 0.0
    novelty: float = 0.0
    known: int = 0
    recent0: float = 0.0
    recent1: float = 0.0
    recent2: float = 0.0
    recent3: float = 0.0
    same: int = 0
    same_since: int = 0
    few: int = 0
    few_since: int = 0
    few_counts: int = 0
    still: int = 0
    still_since: int = 0
    still_counts: int = 0
    rests: int = 0
    rested: float = 0.0
    away: int = 0
    astray: int = 0
    shared: int = 0
    spike: float = math.nan
    spikes: int = 0
    spiked0: int = 0
    spiked1: int = 0
    spiked2: int = 0
    missing: float = 0.0
    fault: int = FINE
    since: int = 0
    value: float = math.nan
    resting: int = 0

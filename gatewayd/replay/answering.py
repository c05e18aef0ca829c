"""Answering: what the engine asks to be computed is computed at once, as the gateway's calculator would do it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from gatewayd.config import Config
from gatewayd.engine.engine import Engine
from gatewayd.model import Computed, Quality, Request
from gatewayd.records import Output

BOOT = "recording"
"""The boot that the times of a recording belong to."""


def answers(engine: Engine, config: Config, requests: Iterable[Request]) -> Iterator[Output]:
    """What follows from the answers to some requests, and to those that they lead to."""
    waiting = deque(requests)
    while waiting:
        output = engine.feed(_answer(config, waiting.popleft()))
        waiting += output.requests
        yield output


def _answer(config: Config, request: Request) -> Computed:
    from gatewayd.calculator.worker import Job, done  # noqa: PLC0415 - it takes long to import, and most ask nothing

    number, results = request.calculation, config.plan.calculations[request.calculation].results
    outcome = done(Job(request, config.calculations[number], results))
    if outcome.values is None:
        return Computed(number, request.time, np.full(results, np.nan), Quality.BAD, outcome.reason)
    return Computed(number, request.time, outcome.values, request.quality)

"""Shares: what is asked of something that is not enough for all, divided so that the least share is the greatest."""

from __future__ import annotations

from collections.abc import Sequence


def fair_shares(demands: Sequence[float], capacity: float) -> list[float]:
    """Max-min fair shares: who asks for little gets it, and all others get equally much of what is left then.

    In the order of `demands`, which are not negative; together they are `capacity` at most.
    """
    if sum(demands) <= capacity:
        return list(demands)
    shares = [0.0] * len(demands)
    left, waiting = capacity, len(demands)
    for number in sorted(range(len(demands)), key=demands.__getitem__):
        shares[number] = min(demands[number], left / waiting)
        left -= shares[number]
        waiting -= 1
    return shares

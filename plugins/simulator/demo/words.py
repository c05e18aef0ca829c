"""How numbers and counts are put into words, on the screen and in lines alike."""

from __future__ import annotations

from collections.abc import Mapping


def number(value: float) -> str:
    """A reading with as many digits as a person wants to see."""
    if value == int(value) and abs(value) < 10:
        return f"{value:.0f}"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:.{digits}f}"


PLURALS = {"summary": "summaries", "readings": "readings", "alarm": "alarm messages", "loss": "losses"}


def counted(counts: Mapping[str, int]) -> str:
    """`12 summaries, 1 alarm`."""
    return ", ".join(
        f"{count} {kind if count == 1 else PLURALS.get(kind, f'{kind}s')}" for kind, count in counts.items()
    )

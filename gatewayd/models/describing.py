"""Describing: the card of what a model has just learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.models.card import Card, ChannelCard
from gatewayd.models.fitted import Fitted
from gatewayd.models.gaps import Whole
from gatewayd.models.learner import Learner
from gatewayd.models.scoring import Share
from gatewayd.models.stability import Stability, stability
from gatewayd.records import Stamp

NO_VALUES = "it had no value in more than half of the rows"
NEVER_MOVED = "it never changed"
NOTHING_MOVED = "no channel has changed while it was learned"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a model is of: its channels with their units, and how it learns and judges them."""

    channels: tuple[str, ...]
    units: tuple[str, ...]
    span: int
    rows: int
    sensitive: bool
    adapt: bool
    definition: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a version is called: its number, the operating point in words, when it was made."""

    version: int
    point: str
    made: Stamp


def card_of(subject: Subject, label: Label, learner: Learner, whole: Whole, fitted: Fitted) -> Card:
    """The card of what was fitted to the rows that were learned, without their gaps."""
    steady = stability(whole.rows, learner.starts())
    return Card(
        version=label.version,
        why=learner.why,
        point=label.point,
        begun=learner.begun or label.made,
        learned=label.made,
        rows=learner.usable,
        seconds=learner.lasted / 1e9,
        passed_over=learner.passed_over,
        channels=channel_cards(subject, fitted, whole.known),
        spread=steady.spread,
        doubts=tuple(_doubts(subject, steady, fitted, whole.known)),
        definition=subject.definition,
    )


def channel_cards(subject: Subject, fitted: Fitted, known: NDArray[np.bool_] | None = None) -> tuple[ChannelCard, ...]:
    """What is normal of each channel; `known` tells of which there were values."""
    known = np.ones(len(subject.channels), dtype=np.bool_) if known is None else known
    return tuple(
        ChannelCard(
            channel=name,
            unit=subject.units[n],
            middle=float(fitted.centre[n]),
            low=float(fitted.centre[n] - fitted.reach[n]),
            high=float(fitted.centre[n] + fitted.reach[n]),
            judged=bool(fitted.judged[n]),
            remark=("" if fitted.judged[n] else NEVER_MOVED) if known[n] else NO_VALUES,
        )
        for n, name in enumerate(subject.channels)
    )


def _doubts(subject: Subject, steady: Stability, fitted: Fitted, known: NDArray[np.bool_]) -> list[str]:
    doubts = [f"{name}: {NO_VALUES}" for name, there in zip(subject.channels, known.tolist(), strict=True) if not there]
    if not fitted.judged.any():
        doubts.append(f"{NOTHING_MOVED}: there is nothing to judge by")
    if steady.spread > 1.0 and steady.worst is not None:
        doubts.append(f"not one normal: {_moved(subject, steady.worst)}")
    return doubts


def _moved(subject: Subject, worst: Share) -> str:
    name, unit = subject.channels[worst.column], subject.units[worst.column]
    if worst.part != "level":
        return f"the {worst.part} of {name} was another one in a part of what was learned"
    unit = "" if unit in ("", "1") else f" {unit}"
    return (
        f"{name} was at {worst.value:.4g}{unit} in a part of what was learned, at {worst.normal:.4g}{unit} in the rest"
    )

"""Versions: what a model has learned at one operating point, of which one is in force and a few can be had back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gatewayd.models.card import Card
from gatewayd.models.fitted import Fitted, Kept

KEPT = 5


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its card, and what was fitted."""

    card: Card
    fitted: Fitted

    def accepted(self) -> Version:
        """The same, without open doubts."""
        return Version(msgspec.structs.replace(self.card, accepted=True), self.fitted)


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """The state of `Versions`."""

    in_force: int
    all: tuple[tuple[Card, Kept], ...]


class Versions:
    """The last `KEPT` versions, the oldest first, and which of them is `in_force`."""

    def __init__(self) -> None:
        self.all: tuple[Version, ...] = ()
        self.in_force: Version | None = None

    def add(self, version: Version) -> None:
        """Put a new version in force; the oldest one goes."""
        self.all = (*self.all, version)[-KEPT:]
        self.in_force = version

    def accept(self) -> None:
        """The version in force is accepted, whatever speaks against it."""
        before = self.in_force
        if before is not None:
            self.in_force = before.accepted()
            self.all = tuple(self.in_force if each is before else each for each in self.all)

    def roll_back(self, number: int) -> bool:
        """Put version `number` in force (0: the one before); whether there is such a one that is not."""
        found = self._before() if number == 0 else self._numbered(number)
        if found is None or found is self.in_force:
            return False
        self.in_force = found
        return True

    def state(self) -> Chosen:
        """All of them."""
        number = self.in_force.card.version if self.in_force else 0
        return Chosen(number, tuple((each.card, Kept.of(each.fitted)) for each in self.all))

    def restore(self, chosen: Chosen, channels: Sequence[str]) -> None:
        """Have the versions of `channels` back. Raises ValueError for what cannot be such."""
        if any([each.channel for each in card.channels] != list(channels) for card, _ in chosen.all):
            raise ValueError("these are versions of other channels")
        self.all = tuple(Version(card, kept.fitted(len(channels))) for card, kept in chosen.all[-KEPT:])
        self.in_force = self._numbered(chosen.in_force)

    def _before(self) -> Version | None:
        older = [each for each in self.all if self.in_force and each.card.version < self.in_force.card.version]
        return older[-1] if older else None

    def _numbered(self, number: int) -> Version | None:
        return next((each for each in self.all if each.card.version == number), None)

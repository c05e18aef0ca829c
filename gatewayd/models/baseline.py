"""A baseline: what is normal at one operating point. It is learned, put in force as a version, judges and adapts."""

from __future__ import annotations

import msgspec
import numpy as np

from gatewayd.model import Bytes, Floats
from gatewayd.models.card import Card
from gatewayd.models.describing import Label, Subject, card_of, channel_cards
from gatewayd.models.fitting import fit
from gatewayd.models.gaps import filled
from gatewayd.models.learner import FEWEST, Learned, Learner
from gatewayd.models.scoring import Scoring
from gatewayd.models.versions import Chosen, Version, Versions
from gatewayd.records import Stamp

RECENT = 64
"""Rows of the present that can be accepted as the new normal."""


class Baseline:
    """One operating point of a model, `point` in words. While a new version is learned the old one stays in force."""

    def __init__(self, subject: Subject, point: str, why: str) -> None:
        self.point = point
        self.versions = Versions()
        self.doubtful = False
        self.scoring: Scoring | None = None
        self.learner: Learner | None = None
        self._subject = subject
        self._recent = np.empty((RECENT, len(subject.channels)))
        self._seen = 0
        self.relearn(why)

    @property
    def card(self) -> Card | None:
        """That of the version in force."""
        return None if self.versions.in_force is None else self.versions.in_force.card

    def relearn(self, why: str) -> None:
        """Begin to learn a new version."""
        self.learner = Learner(len(self._subject.channels), why, self._subject.span, self._subject.rows)

    def learned(self, stamp: Stamp, number: int) -> Card:
        """What was learned becomes version `number`, and is in force."""
        learner = self.learner
        if learner is None or not learner.done:
            raise ValueError("there is nothing that was learned")
        whole = filled(learner.rows())
        fitted = fit(whole.rows, learner.starts())
        card = card_of(self._subject, Label(number, self.point, stamp), learner, whole, fitted)
        self.learner = None
        self._put_in_force(Version(card, fitted))
        return card

    def judge(self, time: int, values: Floats, qualities: Bytes, out: Floats) -> None:
        """Score one row; `out` gets the score (NaN where there is none) and 1 where a change is found, else 0."""
        if self.scoring is None:
            out[:] = np.nan
        else:
            self.scoring.step(time, values, qualities, out)

    def remember(self, values: Floats) -> None:
        """A row of good values shows what the present state is."""
        self._recent[self._seen % RECENT] = values
        self._seen += 1

    def accept(self, stamp: Stamp, number: int, why: str, *, rebase: bool) -> Card | None:
        """The version in force is accepted, or, to `rebase` it, one about the present state made of it.

        None when there is nothing to accept, or too little is known of the present state.
        """
        version = self.versions.in_force
        if version is None or (rebase and self._seen < FEWEST):
            return None
        if not rebase:
            self.versions.accept()
            self.doubtful = False
            return self.card
        rows = self._recent[: min(self._seen, RECENT)]
        fitted = version.fitted.rebased(rows)
        card = msgspec.structs.replace(
            version.card,
            version=number,
            why=why,
            learned=stamp,
            channels=channel_cards(self._subject, fitted),
            accepted=True,
        )
        self._put_in_force(Version(card, fitted))
        return card

    def roll_back(self, number: int) -> Card | None:
        """Put an earlier version in force (0: the one before), and learn no other; None when there is no such one."""
        if not self.versions.roll_back(number):
            return None
        self.learner = None
        self._renew()
        return self.card

    def forget_course(self) -> None:
        """The next row does not follow the last one."""
        if self.scoring is not None:
            self.scoring.restart()

    def chosen(self) -> Chosen:
        """The versions, to be kept."""
        return self.versions.state()

    def progress(self) -> Learned | None:
        """How far learning is, to be kept."""
        return None if self.learner is None else self.learner.state()

    def drift(self) -> bytes:
        """What the version in force has adapted to, to be kept."""
        if self.scoring is None or self.card is None:
            return b""
        return self.card.version.to_bytes(4, "little") + self.scoring.state()

    def restore(self, chosen: Chosen | None, progress: Learned | None, drift: bytes) -> None:
        """Go on with what was kept. Raises ValueError for what cannot be such."""
        subject = self._subject
        if progress is not None:
            self.learner = Learner.of(progress, len(subject.channels), subject.span, subject.rows)
        if chosen is None:
            return
        self.versions.restore(chosen, subject.channels)
        self._renew()
        if progress is None and self.scoring is not None:
            self.learner = None
        if self.scoring is not None and self.card and drift[:4] == self.card.version.to_bytes(4, "little"):
            self.scoring.restore(drift[4:])

    def _put_in_force(self, version: Version) -> None:
        self.versions.add(version)
        self._renew()

    def _renew(self) -> None:
        version = self.versions.in_force
        subject = self._subject
        self._seen = 0
        if version is not None:
            self.doubtful = version.card.doubtful
            self.scoring = Scoring(version.fitted, sensitive=subject.sensitive, adapts=subject.adapt)

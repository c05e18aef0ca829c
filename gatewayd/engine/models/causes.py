"""Causes: what moved the score of a model, or made a change point, in terms of its channels."""

from __future__ import annotations

from collections.abc import Iterable

from gatewayd.models.describing import Subject
from gatewayd.models.scoring import Share
from gatewayd.records import Cause, Stamp


def causes(shares: Iterable[Share], subject: Subject, boot: str) -> tuple[Cause, ...]:
    """The shares that are any, as they are told; their times are of this boot."""
    return tuple(_cause(each, subject, boot) for each in shares if each.share > 0)


def _cause(share: Share, subject: Subject, boot: str) -> Cause:
    return Cause(
        channel=subject.channels[share.column],
        share=share.share,
        value=share.value,
        normal=share.normal,
        low=share.low,
        high=share.high,
        unit=subject.units[share.column],
        part=share.part,
        since=None if share.since is None else Stamp(boot, share.since),
    )

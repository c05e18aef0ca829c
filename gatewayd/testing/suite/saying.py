"""Saying: what a source gives, so that it can be compared, and whether all of it is good. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gatewayd.model import Block, Quality, Sample, Waveform

Given = Sequence[Sample | Block | Waveform]
Said = list[tuple[str, list[str]]]


def said(given: Given) -> Said:
    """The channels and values that were given."""
    found = []
    for each in given:
        channels = ", ".join(each.channels) if isinstance(each, Block) else each.channel
        values = [each.value] if isinstance(each, Sample) else each.values
        found.append((channels, [str(value) for value in values]))
    return found


def all_good(given: Given, channels: Sequence[str]) -> bool:
    """Whether each of these channels has a good value."""
    return set(channels) <= {channel for each in given for channel in _good(each)}


def _good(each: Sample | Block | Waveform) -> Iterator[str]:
    if isinstance(each, Block):
        qualities = each.qualities if each.qualities is not None else [Quality.GOOD] * len(each.channels)
        rows = zip(each.channels, each.values, qualities, strict=True)
        yield from (name for name, value, quality in rows if quality == Quality.GOOD and math.isfinite(value))
    elif each.quality == Quality.GOOD and (isinstance(each, Waveform) or math.isfinite(each.value)):
        yield each.channel

"""Listening: what was heard of one device since the last poll becomes blocks. Pure: time and radio are given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatewayd.plugin import Block, Quality
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Decoded, Decoder, Undecodable
from gatewayd_plugins.ble.hearing.link import LINK, Counts
from gatewayd_plugins.ble.hearing.news import Hearsay, News

SECOND = 1_000_000_000
UNKNOWN_RSSI = 127
NOT_SENT = "the device is heard, but has not sent this yet"
ENOUGH_UNUSABLE = 3
"""Advertisements in a row that cannot be used, after which the device is said to be at fault: one hurts nothing."""


@dataclass(slots=True)
class Report:
    """What one poll gathers: blocks, counts, and the last repetition of each kind of advertisement."""

    blocks: list[Block] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    repeated: dict[frozenset[str], tuple[Advertisement, Decoded | None]] = field(default_factory=dict)
    fresh: bool = False
    """Whether anything was heard that holds now."""


class Listener:
    """Listens to one device for the channels called `names`, some of which may be LINK's.

    A reading is given once, with the time when it was heard first. What a device repeats because it still holds is
    given once a poll. After `silence` seconds without anything usable the device's channels are bad, and so is one
    that it has never sent. Those of what happens at a moment are not: no later value would say that all is well again.
    """

    def __init__(self, decoder: Decoder, names: Sequence[str], silence: float) -> None:
        self.about: dict[str, str] = {}
        self._decoder = decoder
        self._names = frozenset(names)
        self._lasting = tuple(name for name in names if name not in LINK and decoder.lasts(name))
        self._unsent = set(self._lasting)
        """Channels without a value since the start, or since all were bad."""
        self._were_bad = False
        self._silence = round(silence * SECOND)
        self._silent = f"nothing heard for {silence:g} s"
        self._hearsay = Hearsay()
        self._begun: int | None = None
        self._last: int | None = None
        self._unusable_in_row = 0
        self._why_unusable = ""
        self._hint = ""

    def begin(self, now: int) -> None:
        """Listen from now on; called again it changes nothing."""
        if self._begun is None:
            self._begun = now

    def skip(self) -> None:
        """Advertisements were thrown away before they could be reported."""
        self._hearsay.skip()

    def report(self, heard: Sequence[Advertisement], now: int, trouble: str) -> list[Block]:
        """What there is to say of `heard`, all until `now`; `trouble` is why nothing more was heard."""
        report = Report()
        for advertisement in heard:
            if advertisement.name and advertisement.name.isprintable():
                self.about["name"] = advertisement.name
            decoded = self._decoded(advertisement, report.counts)
            if decoded is not None:
                self._take(advertisement, decoded, report)
        report.blocks += [self._reading(*each) for each in report.repeated.values()]
        report.blocks.append(self._state(report, now, trouble))
        return [block for block in report.blocks if block.channels]

    def _decoded(self, advertisement: Advertisement, counts: Counts) -> Decoded | None:
        """What it says, if that can be used."""
        try:
            decoded = self._decoder.decode(advertisement)
        except Undecodable as error:
            counts.unusable += 1
            self._unusable_in_row += 1
            self._why_unusable = str(error)
            return None
        if decoded is None:
            self._hint = self._hint or "it is heard, but what it sends is not of this format"
            return None
        self._unusable_in_row = 0
        return decoded

    def _take(self, advertisement: Advertisement, decoded: Decoded, report: Report) -> None:
        kind, news = decoded.kind, self._hearsay.judge(decoded)
        if news is News.NEW:
            report.counts.packets += 1
            report.repeated.pop(kind, None)
            report.blocks.append(self._reading(advertisement, decoded))
            self.about.update(decoded.about)
        else:
            report.counts.repeats += 1
            report.repeated[kind] = advertisement, decoded.lasting() if news is News.AGAIN else None
        if news is News.OLD:
            self._hint = "it is heard, but does not measure: it repeats one old reading"
        else:
            report.fresh = True
            self._last = advertisement.time
            self._hint = self._silent

    def _reading(self, advertisement: Advertisement, decoded: Decoded | None) -> Block:
        """One advertisement; `decoded` None: it says nothing new, and only how well it was heard is worth telling."""
        values: dict[str, float] = {}
        qualities: dict[str, Quality] = {}
        reasons: dict[str, str] = {}
        if decoded is not None:
            values = {**decoded.values, **dict.fromkeys(decoded.bad, math.nan)}
            qualities |= dict.fromkeys(decoded.doubtful, Quality.UNCERTAIN) | dict.fromkeys(decoded.bad, Quality.BAD)
            reasons = {**decoded.doubtful, **decoded.bad}
            self._unsent.difference_update(values)
        if advertisement.rssi != UNKNOWN_RSSI:
            values["rssi"] = advertisement.rssi
        return self._block(values, qualities, reasons, advertisement.time)

    def _state(self, report: Report, now: int, trouble: str) -> Block:
        """How well the device is heard, and what becomes of its channels when it is not."""
        since = now if self._begun is None else self._begun
        silent_for = now - (since if self._last is None else self._last)
        values = {"age": silent_for / SECOND, **report.counts.values()}
        qualities = {"age": Quality.UNCERTAIN} if self._last is None else {}
        reasons = {"age": "not heard yet"} if self._last is None else {}
        lost = self._hearsay.lost
        if report.counts.packets and lost is not None:
            values["packet_loss"] = lost
        why = self._unsent_now(now - since) if report.fresh else self._silenced(self._why_bad(silent_for, trouble))
        values |= dict.fromkeys(why, math.nan)
        qualities |= dict.fromkeys(why, Quality.BAD)
        return self._block(values, qualities, {**reasons, **why}, None)

    def _unsent_now(self, listened: int) -> Mapping[str, str]:
        """The channels that a device which is heard should have sent by now."""
        overdue = self._unsent if self._were_bad or listened >= self._silence else ()
        return dict.fromkeys(overdue, NOT_SENT)

    def _silenced(self, why: str) -> Mapping[str, str]:
        """The channels that are bad for this reason; all must be sent again before they are well."""
        if not why:
            return {}
        self._were_bad = True
        self._unsent.update(self._lasting)
        return dict.fromkeys(self._lasting, why)

    def _why_bad(self, silent_for: int, trouble: str) -> str:
        """Why the device has no values; empty: it is too early to say so."""
        if trouble:
            return trouble
        if self._unusable_in_row >= ENOUGH_UNUSABLE:
            return f"what it sends cannot be used: {self._why_unusable}"
        return (self._hint or self._silent) if silent_for >= self._silence else ""

    def _block(
        self,
        values: Mapping[str, float],
        qualities: Mapping[str, Quality],
        reasons: Mapping[str, str],
        time: int | None,
    ) -> Block:
        names = tuple(name for name in values if name in self._names)
        grades = [qualities.get(name, Quality.GOOD) for name in names]
        why = {name: reasons[name] for name in names if name in reasons}
        return Block(names, [values[name] for name in names], grades, why, time)

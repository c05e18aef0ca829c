"""The Python twin of the guard: slow, plain, the same in all it does; it specifies and tests the kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.checks import check_array, check_row, check_time
from gatewayd_ext.guarding import FIELDS, FINE, ROW, Checks, Fact, check_checks, check_missed, packed, unpacked
from gatewayd_ext.reference_watched import Watched

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Guard:
    """Judges each value of the channels of one group as it comes in, by nothing but what came before.

    A value that is not finite, out of range, clipped, stuck, flat or implausibly far from the last good one is BAD;
    while too many polls are without a value, the others are UNCERTAIN. What is bad already teaches nothing.

    *Stuck*: the same value, or the same few, for long. *Flat*: each step less than a fifth of the usual noise. Both are
    judged by what was learned only where the channel was lively (half of its values were new ones), and the rest began
    within its usual range and not where it has rested before: what moves away and rests there is a machine that has
    stopped. What rests teaches nothing.

    *Jumps*: an implausible step is believed when it persists. What comes back was a spike, and three of them soon after
    each other are a fault, but for those that several channels of the group made at once: that is the machine.
    """

    def __init__(self, interval: int, checks: tuple[Checks, ...]) -> None:
        check_checks(interval, checks)
        self._interval, self._checks = interval, checks
        self._channels = [Watched(interval, each) for each in checks]
        self._lowered = np.zeros(len(checks), dtype=np.uint8)

    def rest(self, column: int, resting: object) -> None:
        """From now on the channel may rest (its machine does): neither stuck nor flat is found, nothing learned."""
        check_row(column, len(self._checks))
        self._channels[column].resting = int(bool(resting))

    def push(self, time: int, values: Floats, qualities: Bytes, missed: int) -> int:
        """Judge one poll of the group, read at `time` ns, before which `missed` ones were due.

        `values` float64[n], `qualities` uint8[n]. Gives of how many channels something is found, or the
        quality lowered.
        """
        n = len(self._checks)
        check_time(time)
        check_missed(missed)
        check_array("values", values, "float64", (n,))
        check_array("qualities", qualities, "uint8", (n,))
        polls = list(zip(self._channels, values.tolist(), qualities.tolist(), strict=True))
        jumping = sum(channel.jumps(time, value, quality) for channel, value, quality in polls)
        for place, (channel, value, quality) in enumerate(polls):
            taken = channel.take(time, value, quality, missed, shared=jumping > 1)
            self._lowered[place] = taken
        return int(((self._lowered != qualities) | (self._faults() != FINE)).sum())

    def read(self, lowered: Bytes, faults: Floats) -> None:
        """Write the qualities of the last poll into `lowered` uint8[n], what is found into `faults` float64[n]."""
        check_array("lowered", lowered, "uint8", self._lowered.shape, writable=True)
        check_array("faults", faults, "float64", self._lowered.shape, writable=True)
        lowered[:] = self._lowered
        faults[:] = self._faults()

    def _faults(self) -> Floats:
        return np.array([channel.fault for channel in self._channels], dtype=np.float64)

    def fact(self, column: int) -> Fact:
        """What is known of a channel."""
        check_row(column, len(self._checks))
        return self._channels[column].fact()

    def state(self) -> bytes:
        """All that was learned, for `restore`; the same bytes from the kernel and from its twin."""
        rows = (ROW.pack(*(getattr(channel, name) for name in FIELDS)) for channel in self._channels)
        return packed(self._interval, self._checks, b"".join(rows))

    def restore(self, data: bytes, later: int = 0) -> None:
        """Go on where `state` was taken, all times `later` by so many ns: those of another boot, say.

        Raises ValueError for damaged data and for those of other checks.
        """
        for channel, row in zip(
            self._channels, ROW.iter_unpack(unpacked(self._interval, self._checks, data, later)), strict=True
        ):
            for name, value in zip(FIELDS, row, strict=True):
                setattr(channel, name, value)

"""Profiles: how patient we are with the line to the broker, and how much of it we take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is expected of a line; all are seconds but `most_bytes`.

    keepalive       silence after which the broker is pinged. If it does not answer for as long again, it is given up;
                    it declares us lost after 1.5 times as much
    answer_limit    how long a broker that owes an acknowledgement may be silent
    address_limit   how long each address of the broker has to answer, and again the TLS handshake
    welcome_limit   how long it may take to let us in
    longest_wait    between two attempts to connect
    refresh         between two reports of how many messages wait
    most_bytes      that are on their way at once, unless it is one message: an alarm has to wait for them
    """

    keepalive: int
    answer_limit: float
    address_limit: float
    welcome_limit: float
    longest_wait: float
    refresh: float
    most_bytes: int

    @property
    def dial_limit(self) -> float:
        """Seconds for all of it: name, addresses, handshake."""
        return 3 * self.address_limit

    def stretched(self, times: int) -> Self:
        """The same, but that an answer may take so many times as long."""
        return replace(
            self,
            keepalive=self.keepalive * times,
            answer_limit=self.answer_limit * times,
            address_limit=self.address_limit * times,
            welcome_limit=self.welcome_limit * times,
        )


LAN = Profile(
    keepalive=3,
    answer_limit=6.0,
    address_limit=3.0,
    welcome_limit=4.0,
    longest_wait=1.5,
    refresh=60.0,
    most_bytes=1 << 20,
)
"""A line that costs nothing: a cut is noticed within 10 s, and its end within 5 s."""

LTE = Profile(
    keepalive=300,
    answer_limit=30.0,
    address_limit=20.0,
    welcome_limit=20.0,
    longest_wait=60.0,
    refresh=900.0,
    most_bytes=16_000,
)
"""A line that costs by the byte, and stands still for seconds: a cut is noticed when an acknowledgement is missing."""

PROFILES = {"lan": LAN, "lte": LTE}

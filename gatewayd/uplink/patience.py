"""Patience: a broker that is slower than its profile says is waited for longer."""

from __future__ import annotations

from gatewayd.errors import GatewaydError
from gatewayd.uplink.mqtt.connection import SilentError
from gatewayd.uplink.mqtt.tls import UnansweredError

MOST = 8
"""Times as long as the profile says."""


class Patience:
    """How many times as long as its profile says the broker is waited for.

    One that is busy (a whole fleet comes back) answers after we have given it up, again and again. So from the second
    connection in a row on that ended in silence before a message was acknowledged, the next gets twice the time. A line
    that is cut has no part in it: there the broker cannot even be reached.
    """

    def __init__(self) -> None:
        self._silences = 0

    @property
    def times(self) -> int:
        """How many times as long."""
        return min(1 << max(0, self._silences - 1), MOST)

    def worked(self) -> None:
        """A message was acknowledged."""
        self._silences = 0

    def ended(self, failure: GatewaydError) -> None:
        """A connection was lost, or could not be made."""
        if isinstance(failure, SilentError | UnansweredError):
            self._silences += 1

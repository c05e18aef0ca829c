"""Rivalry: two clients with one id push each other off the broker for ever, and many brokers do not say so."""

from __future__ import annotations

from gatewayd.uplink.mqtt.connection import ConnectionLostError, HungUpError
from gatewayd.uplink.mqtt.tls import ConnectFailedError

SOON = 60.0
"""Seconds of a connection that ended soon; a rival waits less before it comes back."""
SUSPICIOUS = 3
"""Connections in a row that ended soon, after which a rival is suspected."""


class Rivalry:
    """How often in a row the broker has hung up soon and without a word, although it was there."""

    def __init__(self, client_id: str) -> None:
        self._id = client_id
        self._times = 0

    def reason(self, failure: ConnectFailedError | ConnectionLostError, lived: float) -> str:
        """Why a connection could not be made, or ended after so many seconds; with the suspicion, if there is one."""
        self._times = self._times + 1 if isinstance(failure, HungUpError) and lived < SOON else 0
        if self._times < SUSPICIOUS:
            return str(failure)
        return (
            f"{failure}, again and again: does another client use the id {self._id}? "
            "Each gateway needs an id of its own"
        )

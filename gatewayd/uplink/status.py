"""The uplink's status: whether the broker is there, logged when that changes, and what is shown of it to people."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from gatewayd import clock
from gatewayd.uplink.mqtt.broker import Broker

SECOND = 1_000_000_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UplinkStatus:
    """The uplink at one moment.

    It has been connected, or not, for so many `seconds`; `last_error` outlives the trouble. Messages that are sent
    again count again in `sent`; `refused` ones were set aside in the outbox. `throttled`: the broker takes no more for
    now.
    """

    connected: bool
    seconds: float
    last_error: str
    sent: int
    acked: int
    refused: int
    reconnects: int
    throttled: bool = False


class Presence:
    """Whether the broker is there, logged when that changes; why it could not be reached, logged once per absence."""

    def __init__(self) -> None:
        self.connected = False
        self.since = clock.now()
        self.last_error = ""
        self.connections = 0
        self._told = False

    @property
    def seconds(self) -> float:
        """For how long it has been as it is."""
        return (clock.now() - self.since) / SECOND

    def here(self, broker: Broker) -> None:
        """The broker has acknowledged us."""
        away = round(self.seconds, 3)
        self.connections += 1
        self.connected, self.since, self._told = True, clock.now(), False
        log.info("uplink_connected", broker=str(broker), away=away)
        if self.connections == 1 and broker.exposed:
            fix = 'anybody on the way can read and forge it: let url begin with "mqtts://"'
            log.warning("uplink_unencrypted", broker=str(broker), fix=fix)

    def away(self, reason: str, broker: Broker) -> None:
        """It is not there, or not any more."""
        self.last_error = reason
        if self.connected:
            self.connected, self.since = False, clock.now()
            log.warning("uplink_lost", broker=str(broker), reason=self.last_error)
        elif not self._told:
            self._told = True
            log.warning("uplink_unreachable", broker=str(broker), reason=self.last_error)

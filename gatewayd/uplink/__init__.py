"""Uplink: what is to be sent lies in the outbox until the broker has acknowledged it."""

from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.outbox.database import OutboxError
from gatewayd.uplink.outbox.database import budget as outbox_budget
from gatewayd.uplink.outbox.outbox import Outbox
from gatewayd.uplink.outbox.status import ClassStatus, OutboxStatus
from gatewayd.uplink.row import MessageClass, Row
from gatewayd.uplink.sender import Sender
from gatewayd.uplink.status import UplinkStatus

__all__ = [
    "Broker",
    "ClassStatus",
    "MessageClass",
    "Outbox",
    "OutboxError",
    "OutboxStatus",
    "Row",
    "Sender",
    "UplinkStatus",
    "outbox_budget",
]

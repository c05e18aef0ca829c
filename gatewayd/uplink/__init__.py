"""Uplink: what is to be sent lies in the outbox until the broker has acknowledged it."""

from gatewayd.uplink.broker import Broker
from gatewayd.uplink.database import OutboxError
from gatewayd.uplink.outbox import Outbox
from gatewayd.uplink.outbox_status import OutboxStatus
from gatewayd.uplink.row import MessageClass, Row
from gatewayd.uplink.sender import Sender
from gatewayd.uplink.uplink_status import UplinkStatus

__all__ = ["Broker", "MessageClass", "Outbox", "OutboxError", "OutboxStatus", "Row", "Sender", "UplinkStatus"]

"""Isolation: a line with its sources in a process of its own, so that whatever its plugin does, the gateway goes on."""

from gatewayd.isolation.isolation import Isolation
from gatewayd.isolation.limits import Limits

__all__ = ["Isolation", "Limits"]

"""Metrics: what Prometheus may ask the gateway, if the config lets it listen."""

from gatewayd.metrics.catalogue import families
from gatewayd.metrics.family import Family, exposition
from gatewayd.metrics.server import MetricsServer

__all__ = ["Family", "MetricsServer", "exposition", "families"]

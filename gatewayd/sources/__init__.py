"""Sources: everything that is polled, on schedule and each for itself, on its way into the engine."""

from gatewayd.sources.field import ConfiguredSource, Field
from gatewayd.sources.status import SourceStatus, State

__all__ = ["ConfiguredSource", "Field", "SourceStatus", "State"]

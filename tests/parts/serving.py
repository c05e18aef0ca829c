"""A TCP server on a free port is a part of the kit for plugin authors."""

from gatewayd.testing import serving

__all__ = ["serving"]

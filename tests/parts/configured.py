"""A source made from its options as the config makes it is a part of the kit for plugin authors."""

from gatewayd.testing import made as configured

__all__ = ["configured"]

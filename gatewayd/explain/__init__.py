"""Explaining: where a channel of a config comes from, what is made of it, and which rules judge it. Pure."""

from gatewayd.explain.lineage import Lineage, UnknownChannelError
from gatewayd.explain.lines import lines

__all__ = ["Lineage", "UnknownChannelError", "lines"]

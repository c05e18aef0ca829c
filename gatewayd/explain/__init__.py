"""Explaining: where a channel or table of a config comes from, what is made of it, which rules judge it. Pure."""

from gatewayd.explain.lineage import Lineage, UnknownNameError
from gatewayd.explain.lines import lines

__all__ = ["Lineage", "UnknownNameError", "lines"]

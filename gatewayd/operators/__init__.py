"""Operators: what they ask and order through the control socket, checked, and done by commands to the engine."""

from gatewayd.operators.operators import Operators

__all__ = ["Operators"]

"""Operators: what they ask and order through the control socket, checked, and done by commands to the engine."""

from gatewayd.operators.operators import Operators
from gatewayd.operators.writing import WriteDesk

__all__ = ["Operators", "WriteDesk"]

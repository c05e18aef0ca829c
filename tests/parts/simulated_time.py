"""Simulated time is a part of the kit for plugin authors."""

from gatewayd.testing import START, SimulatedLoop, hold, simulate

__all__ = ["START", "SimulatedLoop", "hold", "simulate"]

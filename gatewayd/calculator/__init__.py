"""Calculator: what takes too long for the event loop, computed beside it, its results coming back as inputs."""

from gatewayd.calculator.calculator import Calculator
from gatewayd.calculator.health import CalculationStatus, State
from gatewayd.calculator.worker import still_running

__all__ = ["CalculationStatus", "Calculator", "State", "still_running"]

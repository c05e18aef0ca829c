"""The doctor: looks at what the gateway needs of its machine and its network, and says how to mend what is wrong."""

from gatewayd.doctor.doctor import examined
from gatewayd.doctor.finding import Finding, Grade

__all__ = ["Finding", "Grade", "examined"]

"""The time service: whether NTP, or what else this machine has, vouches for the wall clock. It is only asked."""

from gatewayd.timeservice.service import TimeService, Voucher, synchronized

__all__ = ["TimeService", "Voucher", "synchronized"]

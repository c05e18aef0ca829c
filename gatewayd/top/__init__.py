"""`gatewayd top`: a running gateway, live on a plain terminal."""

from gatewayd.top.terminal import TerminalError, watch

__all__ = ["TerminalError", "watch"]

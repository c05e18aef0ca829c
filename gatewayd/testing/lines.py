"""A line that keeps what is done with it and fails when it is told to."""

from __future__ import annotations

from gatewayd.plugin import Line, SourceError


class FakeLine(Line):
    """`log` has the calls in their order. `away`: it cannot be opened. `hopeless`: it cannot recover."""

    def __init__(self, key: str = "bus", terms: str = "", name: str = "") -> None:
        super().__init__(key, terms, name)
        self.log: list[str] = []
        self.away = False
        self.hopeless = False

    async def open(self) -> None:
        """Open, unless it is away."""
        self.log.append("open")
        if self.away:
            raise SourceError("no such port")

    async def close(self) -> None:
        """Close."""
        self.log.append("close")

    async def recover(self) -> None:
        """Recover, unless it is hopeless."""
        self.log.append("recover")
        if self.hopeless:
            raise SourceError("it goes on sending")

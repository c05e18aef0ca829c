"""Maintenance: whether an operator has put an asset into maintenance, and for how long it lasts."""

from __future__ import annotations

from collections.abc import Mapping

from gatewayd.engine.alarms.holding import Holding, Kept
from gatewayd.engine.packing import packed, unpacked
from gatewayd.model import Command, Order
from gatewayd.records import Saved, definition_hash

MAINTENANCE = "maintenance"
DEFINITION = definition_hash([MAINTENANCE, 1])


class Maintenance:
    """The maintenance of one asset. Whoever rests in it has one of these; they all hear the same orders."""

    def __init__(self, asset: str, boot: str) -> None:
        self.asset = asset
        self._boot = boot
        self._holding: Holding | None = None

    @property
    def until(self) -> int | None:
        """When it ends by itself (ns), if it does."""
        return None if self._holding is None else self._holding.until

    def ordered(self, command: Command) -> Saved | None:
        """Begin or end it, if that is what the order is; what must be saved then."""
        if command.subject != self.asset or command.order not in (Order.MAINTAIN, Order.RESUME):
            return None
        begins = command.order is Order.MAINTAIN
        self._holding = Holding(self._boot, command.time, command.lasting) if begins else None
        return self.state(command.time)

    def active(self, time: int) -> bool:
        """Whether the asset is in maintenance at `time`."""
        if self._holding is not None and self._holding.over(time):
            self._holding = None
        return self._holding is not None

    def due(self, time: int) -> Saved | None:
        """What must be saved again at `time`, because it has lasted a while: how much longer it lasts."""
        return self.state(time) if self._holding is not None and self._holding.renewable(time) else None

    def state(self, time: int) -> Saved:
        """What must be remembered of it at `time`, over a reboot too: of an asset that is in none, nothing."""
        if not self.active(time) or self._holding is None:
            return Saved(MAINTENANCE, self.asset, "", b"")
        return packed(MAINTENANCE, self.asset, DEFINITION, self._holding.kept(time))

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:
        """Go on at `time`. Time goes on in the same boot; how long a machine was off, nobody knows."""
        kept = unpacked(saved.get((MAINTENANCE, self.asset)), DEFINITION, Kept)
        if kept is not None:
            self._holding = Holding.restored(kept, self._boot, time)

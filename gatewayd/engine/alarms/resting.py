"""Resting: the rules of an asset that is in maintenance do not judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gatewayd.engine.alarms.alarms import Transition
from gatewayd.engine.alarms.rule import Rule
from gatewayd.engine.alarms.standing import Maintained
from gatewayd.engine.deriving.maintenance import MAINTENANCE, Maintenance
from gatewayd.model import Command
from gatewayd.records import Saved, Stamp


class Resting:
    """The assets of rules, and since when those that are in maintenance are known to be.

    `assets` are further ones, which have no rules.
    """

    def __init__(self, rules: Iterable[Rule], boot: str, assets: Iterable[str] = ()) -> None:
        self._boot = boot
        self._rules: dict[str, list[Rule]] = {asset: [] for asset in sorted(assets)}
        for rule in rules:
            if rule.plan.asset:
                self._rules.setdefault(rule.plan.asset, []).append(rule)
        self._maintenance = {asset: Maintenance(asset, boot) for asset in self._rules}
        self._since: dict[str, Stamp] = {}

    def __bool__(self) -> bool:
        """Whether any asset is in maintenance."""
        return bool(self._since)

    def since(self, asset: str) -> Stamp | None:
        """Since when an asset is in maintenance, or from when on it was known to be; None when it is in none."""
        return self._since.get(asset)

    def maintained(self) -> tuple[Maintained, ...]:
        """The assets that are in maintenance now."""
        return tuple(
            Maintained(
                asset, since, self._maintenance[asset].until, tuple(rule.plan.name for rule in self._rules[asset])
            )
            for asset, since in self._since.items()
        )

    def command(self, command: Command, saved: list[Saved]) -> Sequence[Transition]:
        """Put an asset into maintenance or take it out of it."""
        maintenance = self._maintenance.get(command.subject)
        ordered = None if maintenance is None else maintenance.ordered(command)
        if ordered is None:
            return ()
        saved.append(ordered)
        return self._turned(command.subject, command.time)

    def due(self, time: int, saved: list[Saved]) -> None:
        """End the maintenance whose time is over."""
        for asset in tuple(self._since):
            maintenance = self._maintenance[asset]
            if not maintenance.active(time):
                self._turned(asset, time)
                saved.append(maintenance.state(time))
            elif renewed := maintenance.due(time):
                saved.append(renewed)

    def state(self, time: int) -> Iterator[Saved]:
        """What must be remembered over a stop at `time`."""
        return (self._maintenance[asset].state(time) for asset in self._since)

    def restore(self, saved: Iterable[Saved], time: int) -> Iterator[Transition]:
        """Go on at `time`."""
        by_name = {(item.stage, item.name): item for item in saved if item.stage == MAINTENANCE and item.data}
        for _, asset in by_name:
            if asset in self._maintenance:
                self._maintenance[asset].restore(by_name, time)
                yield from self._turned(asset, time)

    def _turned(self, asset: str, time: int) -> list[Transition]:
        """Its maintenance has begun or ended: its rules rest, or begin anew."""
        rests = self._maintenance[asset].active(time)
        if not rests:
            self._since.pop(asset, None)
        elif asset not in self._since:
            self._since[asset] = Stamp(self._boot, time)
        transitions = []
        for rule in self._rules[asset]:
            rule.resting = rests
            transitions.append(rule.clear(time, f"no longer judged, {asset} is in maintenance") if rests else None)
            rule.begin_anew(time)
        return [transition for transition in transitions if transition is not None]

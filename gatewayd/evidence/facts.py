"""Facts: what evidence needs to know of the gateway and its config, which stays the same all through a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatewayd.engine.plan import Plan, PlannedRule
from gatewayd.records import Alarm


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose evidence it is: `digest` is the config's, `assets` are the sources of each asset.

    Evidence reaches from `before` to `after` ns of an alarm.
    """

    gateway: str
    version: str
    digest: str
    plan: Plan
    assets: Mapping[str, Sequence[str]]
    before: int
    after: int

    def rule(self, alarm: Alarm) -> PlannedRule | None:
        """The rule of an alarm."""
        return next((rule for rule in self.plan.rules if rule.name == alarm.rule), None)

    def sources(self, alarm: Alarm) -> frozenset[str]:
        """The sources that an alarm concerns: of its channel and what that is made of, its asset, its causes."""
        named = {alarm.channel, *(cause.channel for cause in alarm.causes)}
        rule = self.rule(alarm)
        asset = self.assets.get(rule.asset, ()) if rule else ()
        found = {number for number, channel in enumerate(self.plan.channels) if channel.name in named}
        for deriver in reversed(self.plan.derivers):
            if not found.isdisjoint(deriver.outputs):
                found.update(deriver.inputs)
        return frozenset({*asset, *(self.plan.channels[number].source for number in found)})

"""Paces: how often each channel should have a value."""

from __future__ import annotations

from gatewayd.engine.plan import MOST_OVERLAP, Plan, PlannedCut, PlannedForecast, leading


def paces(plan: Plan) -> dict[int, int]:
    """The ns from one value of a channel to the next, by its number, where the plan tells."""
    found = {channel: group.interval for group in plan.groups for channel in group.channels}
    hops = [max(window.every, plan.groups[window.group].interval) for window in plan.windows]
    for window, hop in zip(plan.windows, hops, strict=True):
        found |= {channel: hop for row in window.outputs for channel in row}
    for features in plan.bursts:
        found |= dict.fromkeys(features.outputs, _cut_every(features.cut, found.get(features.channel, 0)))
    calculated = [
        _cut_every(each.cut, found.get(each.channel, 0)) if each.window is None else hops[each.window]
        for each in plan.calculations
    ]
    for calculation, hop in zip(plan.calculations, calculated, strict=True):
        found |= dict.fromkeys(calculation.outputs, hop)
    for bearing in plan.bearings:
        found |= dict.fromkeys(bearing.outputs, calculated[bearing.calculation])
    found |= {sensor.outputs[0]: found.get(sensor.channel, 0) for sensor in plan.sensors}
    for deriver in plan.derivers:
        pace = max(found.get(channel, 0) for channel in leading(deriver))
        found |= dict.fromkeys(deriver.outputs, deriver.every if isinstance(deriver, PlannedForecast) else pace)
    return found


def _cut_every(cut: PlannedCut, poll: int) -> int:
    """Windows come with the bursts, which are read every `poll` ns, or more seldom."""
    return max(cut.every or cut.span // 2, cut.span // MOST_OVERLAP, poll) if poll else 0

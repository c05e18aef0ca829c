"""Steps of judging: formulas, totals, assets, models, forecasts, rules."""

from __future__ import annotations

from collections.abc import Iterator

from gatewayd.config import Config
from gatewayd.duration import written
from gatewayd.engine.plan import (
    PlannedAsset,
    PlannedDeriver,
    PlannedForecast,
    PlannedFormula,
    PlannedModel,
    PlannedTotal,
)
from gatewayd.explain import phrases
from gatewayd.explain.measuring import gated
from gatewayd.explain.step import Step
from gatewayd.records import AlarmKind


def derivations(config: Config) -> Iterator[Step]:
    """What follows from the latest values of other channels."""
    for planned in config.plan.derivers:
        yield _model(planned) if isinstance(planned, PlannedModel) else _derived(config, planned)


def rules(config: Config) -> Iterator[Step]:
    """What is judged, by rules and by the alarms of sensors."""
    for rule in config.plan.rules:
        name = config.plan.channels[rule.channel].name
        of_sensor = rule.kind is AlarmKind.SENSOR
        table = config.origins.get(name, "") if of_sensor else f"[rules.{rule.name}]"
        yield Step(table, phrases.alarm(rule), (rule.channel,), beside=gated(rule.gate, inverted=rule.inverted))


def _derived(config: Config, planned: PlannedDeriver) -> Step:
    settings, name = config.settings, planned.name
    match planned:
        case PlannedFormula():
            return Step(f"[calculated.{name}]", settings.calculated[name].formula, planned.inputs, planned.outputs)
        case PlannedTotal():
            how = f"integral of a rate by the {phrases.spell(planned.per)}" if planned.per else "what it has counted"
            return Step(f"[totals.{name}]", how, planned.inputs, planned.outputs)
        case PlannedForecast():
            table = settings.forecasts[name]
            how = f"when it will be at {table.limit:g}, by the last {written(table.over)}"
            return Step(f"[forecasts.{name}]", how, planned.inputs, planned.outputs)
        case PlannedAsset():
            return _asset(planned)
    return _model(planned)


def _asset(planned: PlannedAsset) -> Step:
    runs = "is not 0" if planned.above is None else f"is above {planned.above:g}"
    how = f"a machine, which runs while the channel {runs}"
    beside = tuple(("steady at a steady speed", number) for number in planned.inputs[1:])
    return Step(f"[assets.{planned.name}]", how, planned.inputs[:1], planned.outputs, beside)


def _model(planned: PlannedModel) -> Step:
    """The channels behind those that are judged are its gates and its operating point."""
    length = phrases.spell(planned.span) if planned.span else f"{planned.rows} rows"
    bins = f", for each bin between {', '.join(f'{edge:g}' for edge in planned.edges)}" if planned.edges else ""
    beside: list[tuple[str, int]] = []
    if planned.gate is not None:
        beside += gated(planned.inputs[planned.gate], inverted=planned.inverted)
    if planned.steady is not None:
        beside += gated(planned.inputs[planned.steady], inverted=False)
    if planned.point is not None:
        beside.append(("by its bins", planned.inputs[planned.point]))
    how = f"how healthy it is, by {length} of healthy running{bins}; 1 is the edge of normal"
    judged = planned.inputs[: planned.judged]
    return Step(f"[models.{planned.name}]", how, judged, planned.outputs, tuple(dict.fromkeys(beside)))

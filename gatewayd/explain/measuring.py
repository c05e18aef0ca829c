"""Steps of measuring: polls, checks of sensors, features of windows, bearings, readings."""

from __future__ import annotations

from collections.abc import Iterator

from gatewayd.config import Config
from gatewayd.engine.plan import PlannedCalculation, PlannedShaft
from gatewayd.explain import phrases
from gatewayd.explain.step import Step


def polls(config: Config) -> Iterator[Step]:
    """What each poll yields."""
    for group in config.plan.groups:
        source = config.sources[group.source]
        line = f" on {source.line.name}" if source.line else ""
        alone = ", in a process of its own" if source.isolated else ""
        how = f"{source.plugin}{line}, polled every {phrases.spell(group.interval)}{alone}"
        yield Step(f"[sources.{group.source}]", how, gives=group.channels)


def checks(config: Config) -> Iterator[Step]:
    """What is checked of each channel before anything is made of it."""
    for sensor in config.plan.sensors:
        yield Step(
            f"[sensors.{sensor.name}]",
            phrases.checks(sensor),
            (sensor.channel,),
            sensor.outputs,
            gated(sensor.gate, inverted=sensor.inverted),
        )


def features(config: Config) -> Iterator[Step]:
    """What is computed of windows, by ourselves and by plugins."""
    plan = config.plan
    for window in plan.windows:
        for column, outputs in zip(window.columns, window.outputs, strict=True):
            if outputs:
                read = (plan.groups[window.group].channels[column],)
                yield Step(f"[features.{window.name}]", phrases.window(window), read, outputs)
    for burst in plan.bursts:
        how = phrases.cut(burst.cut) + phrases.turning(burst.shaft)
        yield Step(f"[features.{burst.name}]", how, (burst.channel,), burst.outputs, _shaft(burst.shaft))
    for calculation in plan.calculations:
        if calculation.outputs:
            yield _calculated(config, calculation)


def bearings(config: Config) -> Iterator[Step]:
    """What is heard of bearings."""
    for bearing in config.plan.bearings:
        calculation = config.plan.calculations[bearing.calculation]
        table = config.settings.bearings[bearing.name]
        called = f"type {table.type}" if table.type else "as it is described"
        how = f"bearing, {called}, {phrases.cut(calculation.cut)}{phrases.turning(calculation.shaft)}"
        shaft = _shaft(calculation.shaft)
        yield Step(f"[bearings.{bearing.name}]", how, (bearing.channel,), bearing.outputs, shaft)


def readings(config: Config) -> Iterator[Step]:
    """What is sent reading by reading."""
    for each in config.plan.readings:
        channels = config.plan.groups[each.group].channels
        how = f"every reading is sent, gathered for {phrases.spell(each.every)}"
        yield Step("[readings]", how, tuple(channels[column] for column in each.columns))


def gated(gate: int | None, *, inverted: bool) -> tuple[tuple[str, int], ...]:
    """The channel that says whether something is judged at all."""
    return () if gate is None else (("while it is 0" if inverted else "while it is not 0", gate),)


def _calculated(config: Config, calculation: PlannedCalculation) -> Step:
    """What a plugin computes."""
    plan = config.plan
    window = calculation.window
    how = phrases.cut(calculation.cut) if window is None else phrases.window(plan.windows[window])
    how += phrases.turning(calculation.shaft)
    table = config.origins.get(plan.channels[calculation.outputs[0]].name, "")
    return Step(table, how, (calculation.channel,), calculation.outputs, _shaft(calculation.shaft))


def _shaft(shaft: PlannedShaft | None) -> tuple[tuple[str, int], ...]:
    return () if shaft is None or shaft.channel is None else (("speed of the shaft", shaft.channel),)

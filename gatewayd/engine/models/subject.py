"""Subject: what a model is of, and what of it that depends on which it has learned."""

from __future__ import annotations

from gatewayd.engine.plan import Plan, PlannedModel
from gatewayd.models.describing import Subject
from gatewayd.records import definition_hash

FORM = 1
"""Of what is learned: another number makes all models learn anew."""


def subject(planned: PlannedModel, plan: Plan) -> Subject:
    """What it is of. Its definition holds what it learned depends on, not how it judges."""
    judged = [plan.channels[number] for number in planned.inputs[: planned.judged]]
    behind = [plan.channels[number].name for number in planned.inputs[planned.judged :]]
    names, units = [channel.name for channel in judged], [channel.unit for channel in judged]
    learning = [
        planned.span,
        planned.rows,
        planned.inverted,
        planned.gate,
        planned.steady,
        planned.point,
        planned.edges,
    ]
    return Subject(
        channels=tuple(names),
        units=tuple(units),
        span=planned.span,
        rows=planned.rows,
        sensitive=planned.sensitive,
        adapt=planned.adapt,
        definition=definition_hash([FORM, names, units, behind, learning]),
    )

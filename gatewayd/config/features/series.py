"""Series: the windows that a table of features makes of channels of single values, one for each group of them."""

from __future__ import annotations

from collections.abc import Sequence

from gatewayd.config.features.derivation import Derivation
from gatewayd.config.words import spell
from gatewayd.engine.plan import PlannedWindow


def plan_series(derivation: Derivation, numbers: Sequence[int]) -> int:
    """Plan the windows of some channels; how many values they hold."""
    if not numbers:
        return 0
    draft, fit = derivation.draft, derivation.suiting(numbers)
    if "window" not in derivation.keys:
        what = f'"window" is missing in {derivation.place.table}: {draft.channels[numbers[0]].name} has single values'
        derivation.place.wrong(what, 'add window = "10s", or a number of values such as 100')
    if derivation.table.window is None or not (fit.own or fit.foreign):
        return 0
    groups: dict[int, list[int]] = {}
    for number in numbers:
        groups.setdefault(draft.columns[number][0], []).append(number)
    return sum(_plan_group(fit, group, members) for group, members in groups.items())


def _plan_group(derivation: Derivation, group: int, numbers: Sequence[int]) -> int:
    draft = derivation.draft
    interval = draft.groups[group].interval
    window = _window(derivation, group, interval, numbers)
    draft.windows.append(window)
    for column, number in enumerate(numbers):
        derivation.calculate(number, max(window.every, interval), window=len(draft.windows) - 1, column=column)
    return window.room(interval) * len(numbers)


def _window(derivation: Derivation, group: int, interval: int, numbers: Sequence[int]) -> PlannedWindow:
    span, samples = derivation.extent()
    length = span or samples * interval
    if length < 2 * interval:
        channel = derivation.draft.channels[numbers[0]].name
        what = f"the window is shorter than two intervals of {channel}, which is read every {spell(interval)}"
        derivation.place.at("window").wrong(what, f'make it "{spell(2 * interval)}" at least')
    every = derivation.every(length // 2)
    return PlannedWindow(
        name=derivation.name,
        group=group,
        columns=tuple(derivation.draft.columns[number][1] for number in numbers),
        span=span,
        samples=samples,
        every=every,
        terms=derivation.terms(numbers[0]),
        outputs=tuple(derivation.outputs(number, max(every, interval)) for number in numbers),
    )

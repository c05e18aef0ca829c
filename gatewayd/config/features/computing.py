"""Computing: the texts of `compute` become features of the catalogue or of plugins, and the wrong ones are told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from gatewayd.config.findings import Place
from gatewayd.config.sources.plugins import unusable
from gatewayd.config.words import did_you_mean, quoted
from gatewayd.errors import PluginError
from gatewayd.features.catalogue import CATALOGUE, Definition, Parameter, filled, least
from gatewayd.features.notation import Written, parse, spelled
from gatewayd.registry.registration import FeatureType
from gatewayd.registry.registry import Registry


class Own(msgspec.Struct, frozen=True):
    """A feature of the catalogue, with all its parameters; `text` is the one way to spell what was written."""

    place: Place
    text: str
    definition: Definition
    parameters: tuple[float, ...]


class Foreign(msgspec.Struct, frozen=True):
    """A feature of a plugin."""

    place: Place
    text: str
    plugin: str
    type: FeatureType
    parameters: tuple[float, ...]


class Lost(msgspec.Struct, frozen=True):
    """A feature of a plugin that cannot be used."""

    place: Place
    text: str
    why: str
    parameters: tuple[float, ...]


Element = Own | Foreign | Lost


def elements(texts: Sequence[str], registry: Registry, place: Place) -> list[Element]:
    """What is right in a list of features, each of them once."""
    found: dict[tuple[str, tuple[float, ...]], Element] = {}
    for n, text in enumerate(texts):
        element = _element(text, registry, place.at(n))
        if element is None:
            continue
        same = found.setdefault((element.text.partition("(")[0], element.parameters), element)
        if same is not element:
            again = "is there twice" if same.text == element.text else f"is the same as {quoted(same.text)}"
            place.at(n).wrong(f"{quoted(text)} {again}", "keep one of them")
    return list(found.values())


def _element(text: str, registry: Registry, place: Place) -> Element | None:
    try:
        written = parse(text)
    except ValueError as error:
        place.wrong(f"compute: {error}, got text {quoted(text)}")
        return None
    return _foreign(written, registry, place) if "." in written.name else _own(written, place)


def _own(written: Written, place: Place) -> Own | None:
    definition = CATALOGUE.get(written.name)
    if definition is None:
        place.wrong(f"unknown feature {quoted(written.name)}", did_you_mean(written.name, CATALOGUE, "known features"))
        return None
    right = _check(written, definition.parameters, place)
    return Own(place, str(written), definition, filled(definition.parameters, written.parameters)) if right else None


def _foreign(written: Written, registry: Registry, place: Place) -> Foreign | Lost | None:
    plugin, _, name = written.name.partition(".")
    try:
        features = registry.features(plugin)
    except PluginError as error:
        place.wrong(*unusable(error, registry), fatal=False)
        why = f"the plugin {quoted(plugin)} of {quoted(str(written))} cannot be used"
        return Lost(place, str(written), why, written.parameters)
    if name not in features:
        fix = did_you_mean(name, features, "its features are")
        place.wrong(f"plugin {quoted(plugin)} has no feature {quoted(name)}", fix)
        return None
    parameters = features[name].parameters
    if not _check(written, parameters, place):
        return None
    return Foreign(place, str(written), plugin, features[name], filled(parameters, written.parameters))


def _check(written: Written, parameters: Sequence[Parameter], place: Place) -> bool:
    """Whether the numbers in the brackets are what the feature takes; what is wrong is noted."""
    given = written.parameters
    if not least(parameters) <= len(given) <= len(parameters):
        what = f"{written.name} takes {_number(parameters)}, got {len(given)}"
        place.wrong(what, f"write {_spellings(written.name, parameters)}")
        return False
    wrong = [pair for pair in zip(parameters, given, strict=False) if not _within(*pair)]
    for parameter, number in wrong:
        place.wrong(f"{written.name}: expected {_wanted(parameter)}, got {spelled(number)}")
    return not wrong and _check_band(written, parameters, place)


def _check_band(written: Written, parameters: Sequence[Parameter], place: Place) -> bool:
    """Whether `low`, where there is one, is below the `high` that follows it."""
    given = filled(parameters, written.parameters)
    names = [parameter.name for parameter in parameters]
    at = names.index("low") if "low" in names else -1
    if at < 0 or names[at + 1 : at + 2] != ["high"] or given[at] < given[at + 1]:
        return True
    turned = (*given[:at], given[at + 1], given[at], *given[at + 2 :])
    fix = f"write {quoted(str(Written(written.name, turned)))}" if given[at] > given[at + 1] else ""
    place.wrong(f"{written.name}: low must be below high, got {spelled(given[at])} and {spelled(given[at + 1])}", fix)
    return False


def _within(parameter: Parameter, number: float) -> bool:
    return parameter.low <= number <= parameter.high and (number.is_integer() or not parameter.whole)


def _wanted(parameter: Parameter) -> str:
    """What a number must be."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    what = f"{parameter.name} as a whole number" if parameter.whole else parameter.name
    if math.isfinite(parameter.high):
        return f"{what} from {spelled(parameter.low)} to {spelled(parameter.high)}{unit}"
    return f"{what} of at least {spelled(parameter.low)}{unit}" if math.isfinite(parameter.low) else what


def _number(parameters: Sequence[Parameter]) -> str:
    low, high = least(parameters), len(parameters)
    if high == 0:
        return "no parameters"
    if low == high:
        return f"{high} parameter{'s' * (high > 1)}"
    return f"{low} {'or' if high == low + 1 else 'to'} {high} parameters"


def _spellings(name: str, parameters: Sequence[Parameter]) -> str:
    """The shortest and the longest way to write it, in quotes."""
    names = [parameter.name for parameter in parameters]
    counts = sorted({least(parameters), len(parameters)})
    return ", or ".join(f'"{name}({", ".join(names[:n])})"' if n else f'"{name}"' for n in counts)

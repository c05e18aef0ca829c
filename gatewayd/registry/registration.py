"""Registration: what one plugin brings, checked while it is registered."""

from __future__ import annotations

import inspect
import math
import numbers
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np

from gatewayd.errors import PluginError
from gatewayd.features.catalogue import Parameter
from gatewayd.features.notation import spelled
from gatewayd.foreign import one_line
from gatewayd.model import Floats, Request
from gatewayd.plugin import FeatureFunction, FeatureWindow, Source
from gatewayd.registry.deprecation import warn_of_methods

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = (inspect.Parameter.empty, float, int, "float", "int")
"""How an argument that is a number may be annotated."""
_WHOLE = (int, "int")
_PLAIN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_LIKE = "write it like `def level(window, depth=1.0)`"


@dataclass(frozen=True, slots=True)
class FeatureType:
    """A feature of a plugin: `parameters` are what it takes after the window; no `unit`: that of its channel."""

    function: FeatureFunction
    unit: str | None
    parameters: tuple[Parameter, ...]

    @property
    def signature(self) -> str:
        """Its parameters as they are written in a config, with the defaults of those that may be left out."""
        return f"({', '.join(map(_shown, self.parameters))})" if self.parameters else ""

    def calculation(self, unit: str, given: Sequence[float] = ()) -> Callable[[Request], Sequence[float]]:
        """What answers a request for this feature of a channel in `unit`, with the parameters that are given.

        The function gets copies, so that it can spoil nothing else.
        """
        pairs = zip(self.parameters, given, strict=False)
        values = [int(number) if parameter.whole else number for parameter, number in pairs]

        def compute(request: Request) -> Sequence[float]:
            return (self.function(_window(request, unit), *values),)

        return compute


class Registration:
    """The source types and features that one plugin registers. Source types may have one of `names`."""

    def __init__(self, point: EntryPoint, names: set[str]) -> None:
        self.sources: dict[str, type[Source]] = {}
        self.features: dict[str, FeatureType] = {}
        self._point = point
        self._names = names

    def source(self, name: str, source_type: type[Source]) -> None:
        """What `register_sources` is called with."""
        if not (isinstance(source_type, type) and issubclass(source_type, Source)):
            raise self.broken(f"registers {source_type!r}", "register a subclass of gatewayd.plugin.Source")
        if name not in self._names:
            what = f"registers a source type {name!r}, which is not the name of its entry point"
            raise self.broken(what, f"call it {self._point.name!r}, or add an entry point {name!r}")
        if name in self.sources:
            raise self.broken(f"registers the source type {name!r} twice")
        warn_of_methods(source_type, f"plugin {self._point.name!r} ({distribution(self._point)})")
        self.sources[name] = source_type

    def feature(self, name: str, function: FeatureFunction, unit: str | None = None) -> None:
        """What `register_features` is called with."""
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise self.broken(f"registers a feature {name!r}", "a name is letters, digits and _")
        if name in self.features:
            raise self.broken(f"registers the feature {name!r} twice")
        if not (unit is None or isinstance(unit, str)):
            raise self.broken(f"registers the feature {name!r} with the unit {unit!r}", 'a unit is a text like "mm/s"')
        parameters = self._parameters(name, function)
        self.features[name] = FeatureType(function, None if unit is None else one_line(unit), parameters)

    def broken(self, what: str, fix: str = "") -> PluginError:
        """The error that says what is wrong with the plugin."""
        return PluginError(self._point.name, what, fix, distribution(self._point))

    def _parameters(self, name: str, function: FeatureFunction) -> tuple[Parameter, ...]:
        if not callable(function):
            raise self.broken(f"registers {function!r} as the feature {name!r}", "register a function")
        if inspect.iscoroutinefunction(function):
            raise self.broken(f"registers the feature {name!r}, which is an `async def`", "make it a plain `def`")
        try:
            window, *others = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):  # built in, or without any argument
            raise self.broken(f"registers the feature {name!r}, which takes no window", _LIKE) from None
        for argument in (window, *others):
            if argument.kind not in _PLAIN:
                raise self.broken(f"registers the feature {name!r} with the argument {str(argument)!r}", _LIKE)
        return tuple(self._parameter(name, argument) for argument in others)

    def _parameter(self, feature: str, argument: inspect.Parameter) -> Parameter:
        default = None if argument.default is argument.empty else argument.default
        if argument.annotation not in _NUMBER or not (default is None or _is_number(default)):
            what = f"registers the feature {feature!r} with the argument {str(argument)!r}"
            raise self.broken(what, "a feature takes its window and numbers")
        whole = argument.annotation in _WHOLE
        return Parameter(argument.name, low=-math.inf, default=None if default is None else float(default), whole=whole)


def distribution(point: EntryPoint) -> str:
    """Who brought a plugin."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.default is None else f"{parameter.name}={spelled(parameter.default)}"


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def _window(request: Request, unit: str) -> FeatureWindow:
    seconds = np.arange(len(request.values)) / request.rate if request.seconds is None else request.seconds
    rate = request.rate if request.seconds is None else math.nan
    return FeatureWindow(_own(request.values), _own(seconds), rate, unit, request.shaft)


def _own(values: Any) -> Floats:
    """A copy that cannot be written to."""
    copy = np.array(values, dtype=np.float64)
    copy.flags.writeable = False
    return copy

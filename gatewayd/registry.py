"""The registry: finds the plugins that are installed, and loads those that the config names, each for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

import pluggy

from gatewayd.errors import PluginError
from gatewayd.foreign import encodable
from gatewayd.plugin import Hooks, Source

GROUP = "gatewayd"
"""The entry-point group that names plugins."""

_CANNOT_LOAD = (Exception, SystemExit)
"""What foreign code may raise without stopping us; KeyboardInterrupt is the user's."""


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin that is installed, the distribution that brought it, and why it does not load (else empty)."""

    name: str
    distribution: str
    version: str
    error: str = ""


class Registry:
    """The source types of plugins, loaded when they are first asked for; each plugin is loaded once."""

    def __init__(self) -> None:
        self._points: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=GROUP):
            self._points.setdefault(point.name, []).append(point)
        self._loaded: dict[str, type[Source] | PluginError] = {}

    def names(self) -> list[str]:
        """The names of all installed plugins."""
        return sorted(self._points)

    def source_type(self, name: str) -> type[Source]:
        """The class of sources with `plugin = "<name>"`. Raises PluginError when there is none or it cannot be used."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        loaded = self._loaded[name]
        if isinstance(loaded, PluginError):
            raise loaded
        return loaded

    def installed(self) -> list[InstalledPlugin]:
        """Every installed plugin, by name; each is loaded to see whether it can be."""
        return [_described(point, self._error(name)) for name in self.names() for point in self._points[name]]

    def _error(self, name: str) -> str:
        try:
            self.source_type(name)
        except PluginError as error:
            return error.what
        return ""

    def _load(self, name: str) -> type[Source] | PluginError:
        points = self._points.get(name, [])
        if not points:
            known = ", ".join(self.names()) or "none"
            return PluginError(name, "is not installed", f"installed plugins: {known}")
        if len(points) > 1:
            owners = " and ".join(_distribution(point) for point in points)
            return PluginError(name, f"is provided by {owners}", "uninstall all but one of them")
        try:
            return _registered(points[0], self._siblings(points[0]))[name]
        except PluginError as error:
            return error

    def _siblings(self, point: EntryPoint) -> set[str]:
        """The names under which the same plugin is installed: one module may bring several source types."""
        every = (other for points in self._points.values() for other in points)
        return {other.name for other in every if other.value == point.value}


def installed() -> list[InstalledPlugin]:
    """Every installed plugin, by name; each is loaded to see whether it can be."""
    return Registry().installed()


def _registered(point: EntryPoint, names: set[str]) -> Mapping[str, type[Source]]:
    """Load one plugin and have it register its source types, which may be called `names`. Raises PluginError."""
    register = _Register(point, names)
    manager = pluggy.PluginManager(GROUP)  # one for each plugin: what is wrong with one cannot concern another
    manager.add_hookspecs(Hooks)
    try:
        manager.register(point.load(), point.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _broken(point, " ".join(str(error).split())) from error
    except _CANNOT_LOAD as error:
        raise _broken(point, f"does not import ({raised(error)})") from error
    try:
        manager.hook.register_sources(register=register)
    except PluginError:
        raise
    except _CANNOT_LOAD as error:
        raise _broken(point, f"fails to register its sources ({raised(error)})") from error
    if point.name not in register.types:
        raise _broken(point, f"registers no source type {point.name!r}", "implement the hook register_sources")
    return register.types


class _Register:
    """What a plugin's `register_sources` is called with."""

    def __init__(self, point: EntryPoint, names: set[str]) -> None:
        self.types: dict[str, type[Source]] = {}
        self._point = point
        self._names = names

    def __call__(self, name: str, source_type: type[Source]) -> None:
        if not (isinstance(source_type, type) and issubclass(source_type, Source)):
            raise _broken(self._point, f"registers {source_type!r}", "register a subclass of gatewayd.plugin.Source")
        if name not in self._names:
            what = f"registers a source type {name!r}, which is not the name of its entry point"
            raise _broken(self._point, what, f"call it {self._point.name!r}, or add an entry point {name!r}")
        if name in self.types:
            raise _broken(self._point, f"registers the source type {name!r} twice")
        self.types[name] = source_type


def _broken(point: EntryPoint, what: str, fix: str = "") -> PluginError:
    return PluginError(point.name, what, fix, _distribution(point))


def _described(point: EntryPoint, error: str) -> InstalledPlugin:
    if point.dist is None:
        return InstalledPlugin(point.name, "?", "?", error)
    return InstalledPlugin(point.name, point.dist.name, point.dist.version, error)


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"


def raised(error: BaseException) -> str:
    """What foreign code raised: the kind of an exception and the first line of its text."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {encodable(lines[0])}" if lines else type(error).__name__

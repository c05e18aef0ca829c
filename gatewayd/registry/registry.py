"""The registry: finds the plugins that are installed, and loads those that the config names, each for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from gatewayd.errors import PluginError
from gatewayd.foreign import OURS, raised
from gatewayd.plugin import INTERFACE, Hooks, Source
from gatewayd.registry.registration import FeatureType, Registration, distribution

GROUP = "gatewayd"
"""The entry-point group that names plugins."""


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin that is installed, the distribution that brought it, and why it does not load (else empty).

    `features` are what it adds, as they are written in a config; `source` says whether it brings a type of sources.
    """

    name: str
    distribution: str
    version: str
    error: str = ""
    source: bool = False
    features: tuple[str, ...] = ()


class Registry:
    """What plugins bring, loaded when they are first asked for; each plugin is loaded once."""

    def __init__(self) -> None:
        self._points: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=GROUP):
            self._points.setdefault(point.name, []).append(point)
        self._loaded: dict[str, Registration | PluginError] = {}

    def names(self) -> list[str]:
        """The names of all installed plugins."""
        return sorted(self._points)

    def source_type(self, name: str) -> type[Source]:
        """The class of sources with `plugin = "<name>"`. Raises PluginError when there is none or it cannot be used."""
        brought = self._brought(name)
        if name not in brought.sources:
            fix = "it brings features only" if brought.features else "implement the hook register_sources"
            raise brought.broken(f"registers no source type {name!r}", fix)
        return brought.sources[name]

    def features(self, name: str) -> Mapping[str, FeatureType]:
        """The features of a plugin by their names. Raises PluginError when it cannot be used, or brings none."""
        brought = self._brought(name)
        if not brought.features:
            raise brought.broken("registers no features", "implement the hook register_features")
        return brought.features

    def module(self, name: str) -> str:
        """The name of a plugin's module, which is not loaded for it. Raises PluginError when there is none."""
        points = self._points.get(name)
        if not points:
            raise self._unknown(name)
        return points[0].module

    def installed(self) -> list[InstalledPlugin]:
        """Every installed plugin, by name; each is loaded to see whether it can be."""
        return [self._described(point) for name in self.names() for point in self._points[name]]

    def _described(self, point: EntryPoint) -> InstalledPlugin:
        name, version = (point.dist.name, point.dist.version) if point.dist else ("?", "?")
        try:
            brought = self._brought(point.name)
        except PluginError as error:
            return InstalledPlugin(point.name, name, version, error.what)
        features = tuple(f"{point.name}.{each}{feature.signature}" for each, feature in brought.features.items())
        return InstalledPlugin(point.name, name, version, source=point.name in brought.sources, features=features)

    def _brought(self, name: str) -> Registration:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        loaded = self._loaded[name]
        if isinstance(loaded, PluginError):
            raise loaded
        return loaded

    def _load(self, name: str) -> Registration | PluginError:
        points = self._points.get(name, [])
        if not points:
            return self._unknown(name)
        if len(points) > 1:
            owners = " and ".join(distribution(point) for point in points)
            return PluginError(name, f"is provided by {owners}", "uninstall all but one of them")
        try:
            return _registered(points[0], self._siblings(points[0]))
        except PluginError as error:
            return error

    def _unknown(self, name: str) -> PluginError:
        return PluginError(name, "is not installed", f"installed plugins: {', '.join(self.names()) or 'none'}")

    def _siblings(self, point: EntryPoint) -> set[str]:
        """The names under which the same plugin is installed: one module may bring several source types."""
        every = (other for points in self._points.values() for other in points)
        return {other.name for other in every if other.value == point.value}


def installed() -> list[InstalledPlugin]:
    """Every installed plugin, by name; each is loaded to see whether it can be."""
    return Registry().installed()


def _registered(point: EntryPoint, names: set[str]) -> Registration:
    """Load one plugin and have it register what it brings; its source types may be called `names`.

    Raises PluginError.
    """
    brought = Registration(point, names)
    manager = pluggy.PluginManager(GROUP)  # one for each plugin: what is wrong with one cannot concern another
    manager.add_hookspecs(Hooks)
    try:
        plugin = point.load()
        _check_interface(plugin, brought)
        manager.register(plugin, point.name)
        manager.check_pending()
    except (*OURS, PluginError):
        raise
    except pluggy.PluginValidationError as error:
        raise brought.broken(" ".join(str(error).split())) from error
    except BaseException as error:  # foreign code may raise anything
        raise brought.broken(f"does not import ({raised(error)})") from error
    hooks = (
        ("sources", manager.hook.register_sources, brought.source),
        ("features", manager.hook.register_features, brought.feature),
    )
    for what, hook, register in hooks:
        try:
            hook(register=register)
        except (*OURS, PluginError):
            raise
        except BaseException as error:  # foreign code may raise anything
            raise brought.broken(f"fails to register its {what} ({raised(error)})") from error
    if not brought.features and point.name not in brought.sources:
        raise brought.broken(f"registers no source type {point.name!r}", "implement the hook register_sources")
    return brought


def _check_interface(plugin: Any, brought: Registration) -> None:
    """Refuse a plugin that says it was written for another interface; one that says nothing is taken to fit."""
    written_for = getattr(plugin, "GATEWAYD_INTERFACE", INTERFACE)
    if written_for == INTERFACE:
        return
    what = f"was written for the plugin interface {written_for!r}, and this gatewayd has {INTERFACE}"
    newer = isinstance(written_for, int) and written_for > INTERFACE
    raise brought.broken(what, "install a newer gatewayd" if newer else "install a newer version of the plugin")

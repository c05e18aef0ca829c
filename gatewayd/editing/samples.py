"""Samples: commented configs of sources to begin with, as plugins bring them or made from their options."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from gatewayd.config.words import did_you_mean, quoted
from gatewayd.editing.options import made_sample
from gatewayd.errors import GatewaydError
from gatewayd.foreign import OURS
from gatewayd.registry.registry import Registry

FILE = "sample.toml"
"""What a plugin calls its sample, beside its `__init__.py`."""


class UnknownPluginError(GatewaydError):
    """There is no such plugin."""

    def __init__(self, plugin: str, known: list[str]) -> None:
        super().__init__(f"plugin {quoted(plugin)} is not installed; {did_you_mean(plugin, known, 'installed are')}")


def plugin_sample(plugin: str, registry: Registry) -> str:
    """The sample of a plugin, or one that is made of its options.

    Raises UnknownPluginError, or PluginError when it cannot be used.
    """
    if plugin not in registry.names():
        raise UnknownPluginError(plugin, registry.names())
    brought = brought_sample(plugin, registry)
    return made_sample(plugin, registry.source_type(plugin)) if brought is None else brought


def brought_sample(plugin: str, registry: Registry) -> str | None:
    """The sample that a plugin brings in its package, which is not imported for it; None when there is none.

    Where a package brings several plugins, it is that of those which it names. Raises PluginError.
    """
    for file in (folder / FILE for folder in _folders(registry.module(plugin))):
        if file.is_file() and _names(plugin, text := file.read_text(encoding="utf-8")):
            return text
    return None


def _folders(module: str) -> list[Path]:
    """Where the files of a package are; nowhere for one that cannot be found."""
    try:
        spec = find_spec(module)
    except OURS:
        raise
    except BaseException:  # noqa: BLE001 - it imports the packages around it, which may raise anything
        return []
    return [Path(folder) for folder in (spec.submodule_search_locations if spec else None) or ()]


def _names(plugin: str, sample: str) -> bool:
    """Whether a sample has a source or a feature of the plugin."""
    return f'"{plugin}"' in sample or f'"{plugin}.' in sample

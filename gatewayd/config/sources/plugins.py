"""Plugins: what is said about one that cannot be used."""

from __future__ import annotations

from gatewayd.config.words import did_you_mean, quoted
from gatewayd.errors import PluginError
from gatewayd.registry.registry import Registry


def unusable(error: PluginError, registry: Registry) -> tuple[str, str]:
    """What is wrong with a plugin, and what would be right."""
    known = registry.names()
    if error.plugin in known:
        owner = f" ({error.distribution})" if error.distribution else ""
        return f"plugin {quoted(error.plugin)}{owner} {error.what}", error.fix or "see `gatewayd plugins`"
    return f"plugin {quoted(error.plugin)} is not installed", did_you_mean(error.plugin, known, "installed are")

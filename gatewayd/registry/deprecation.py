"""Deprecation: what plugins should use no longer is said when they are loaded, for a year before it is taken away.

A hook's argument is deprecated at its hookspec: `@hookspec(warn_on_impl_args={"old": PluginDeprecationWarning(...)})`.
A method of a source is deprecated here.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from types import MappingProxyType

from gatewayd.plugin import PluginDeprecationWarning, Source

METHODS: Mapping[str, str] = MappingProxyType({})
"""Methods and attributes of `Source` that are deprecated, each with what to do instead: nothing, so far."""


def warn_of_methods(kind: type[Source], owner: str) -> None:
    """Warn of what the class of a source overrides that is deprecated; `owner` is the plugin, in words."""
    for name, instead in METHODS.items():
        override = inspect.getattr_static(kind, name, None)
        if override is not inspect.getattr_static(Source, name, None):
            text = f"{owner}: {kind.__name__}.{name} is deprecated; {instead}"
            warnings.warn_explicit(text, PluginDeprecationWarning, *_place(override, kind))


def _place(override: object, kind: type[Source]) -> tuple[str, int]:
    """The file and line of what is warned of, so that each place is told once."""
    function = getattr(override, "fget", override)
    code = getattr(function, "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code else (kind.__module__, 1)

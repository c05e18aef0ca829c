"""The `file` source: a recording (CSV, WAV, NPZ) replayed as if it were a device."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl
from gatewayd_plugins.file.source import File


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "file"`."""
    register("file", File)

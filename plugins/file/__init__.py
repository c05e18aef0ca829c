"""The sources `file`, a recording played as if it were a device, and `recording`, what `gatewayd replay` gives."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl
from gatewayd_plugins.file.replayed import Replayed
from gatewayd_plugins.file.source import File


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "file"` and `plugin = "recording"`."""
    register("file", File)
    register("recording", Replayed)

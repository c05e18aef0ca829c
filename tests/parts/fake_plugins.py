"""Plugins of third parties, installed for one test: a module and the metadata that pip would have written."""

import sys
import textwrap

TANK = """
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Channel, Duration, Kind, OptionError, Poll, Source, hookimpl


@dataclass
class Probe:
    depth: float
    unit: str = "m"
    label: str = ""

    def __post_init__(self):
        if self.depth > 100:
            raise OptionError(["depth"], "no probe is that long", "100 is the most")


@dataclass
class Tank(Source):
    host: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 4001
    timeout: Duration = Duration(1)
    probes: dict[str, Probe] = field(default_factory=dict)
    names: tuple[str, ...] = ("level",)
    waves: bool = False

    def __post_init__(self):
        if self.host == "nowhere":
            raise OptionError(["host"], "there is no such host", "name another")

    def declare(self):
        channels = [Channel(name, "m") for name in self.names]
        return [*channels, Channel("sound", "Pa", Kind.WAVEFORM)] if self.waves else channels

    def polls(self, interval):
        return [Poll(interval, tuple(channel.name for channel in self.declare()))]


@hookimpl
def register_sources(register):
    register("tank", Tank)
"""


TWO_PACES = """
from dataclasses import dataclass
from gatewayd.plugin import Channel, Poll, Source, hookimpl

@dataclass
class Mixed(Source):
    def declare(self):
        return [Channel("slow", "bar"), Channel("fast", "m/s"), Channel("fast2", "m")]

    def polls(self, interval):
        return [Poll(0.1, ("fast2", "fast")), Poll(interval, ("slow",))]

@hookimpl
def register_sources(register):
    register("mixed", Mixed)
"""
"""Has one poll at a pace of its own, and one at that of the config."""


def install(monkeypatch, folder, name="tank", code=TANK, *, version="1.2", points=None):
    """Install the plugin `name` as the distribution acme-<name>; `points` are other lines of its entry points."""
    site = lay_out(folder, name, code, version=version, points=points)
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])  # a new folder: no other one needs to be looked at again
    monkeypatch.delitem(sys.modules, f"acme_{name}", raising=False)


def lay_out(folder, name, code, *, version="1.2", points=None):
    """Write what pip would have written; gives the folder that must be on the path."""
    module = f"acme_{name}"
    site = folder / f"site-{name}-{version}"
    info = site / f"acme_{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-{name}\nVersion: {version}\n")
    lines = points or [f"{name} = {module}"]
    (info / "entry_points.txt").write_text("\n".join(["[gatewayd]", *lines, ""]))
    (site / f"{module}.py").write_text(textwrap.dedent(code))
    return site

"""A new plugin's project: the templates with the plugin's name in them, written to a folder that is not there yet."""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from gatewayd import __version__, plugin
from gatewayd.errors import GatewaydError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SUFFIX = ".txt"
"""Of templates: they are no modules of ours."""
_OURS = ("commands", "ext", "plugins", "testing")
"""Names of plugins whose module would be taken for one of ours (`gatewayd_ext`), or whose entry points for ours."""
_TAKEN = {*keyword.kwlist, *plugin.__all__}
"""What the class of a source cannot be called, since its module has that name for something else."""


class ScaffoldError(GatewaydError):
    """A project cannot be begun."""

    def __init__(self, name: str, what: str, fix: str) -> None:
        super().__init__(f"plugin {name!r}: {what}; {fix}")


def project(name: str) -> dict[str, str]:
    """The files of a new plugin's project, by their paths within it. Raises ScaffoldError for an unsuitable name."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ScaffoldError(name, "cannot be the name of a plugin", "use small letters, digits and _ (`oil_level`)")
    if name in _OURS:
        raise ScaffoldError(name, f"would be the module gatewayd_{name}, which is a part of gatewayd", "take another")
    kind = "".join(word.capitalize() for word in name.split("_"))
    words = {
        "name": name,
        "type": f"{kind}Sensor" if kind in _TAKEN else kind,
        "distribution": distribution(name),
        "gatewayd": ".".join(__version__.split(".")[:2]),
    }
    return {Template(path).substitute(words): Template(text).substitute(words) for path, text in _templates().items()}


def write(name: str, folder: Path) -> Path:
    """Write a new plugin's project below `folder`; gives where. Raises ScaffoldError."""
    contents = project(name)
    place = folder / distribution(name)
    try:
        if place.exists():
            raise ScaffoldError(name, f"{place} is there already", "remove it, or take another name")
        for path, text in contents.items():
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"{place} cannot be written: {os.strerror(error.errno or 0)}"
        raise ScaffoldError(name, what, "take a shorter name, or a folder that you may write to") from error
    return place


def distribution(name: str) -> str:
    """The name under which pip knows a plugin."""
    return f"gatewayd-{name.replace('_', '-')}"


def _templates() -> Mapping[str, str]:
    found: dict[str, str] = {}
    _gather(files("gatewayd.scaffold") / "template", "", found)
    return dict(sorted(found.items()))


def _gather(folder: Traversable, prefix: str, found: dict[str, str]) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            _gather(entry, f"{prefix}{entry.name}/", found)
        elif entry.name.endswith(_SUFFIX):
            found[prefix + entry.name.removesuffix(_SUFFIX)] = entry.read_text(encoding="utf-8")

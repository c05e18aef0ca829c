"""What can be seen of a plugin as a package: that it loads, what it imports, what its README says."""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import fields, is_dataclass
from importlib.metadata import Distribution, EntryPoint
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gatewayd.plugin import PluginDeprecationWarning, Source
from gatewayd.registry.registry import Registry
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.subject import Subject

PUBLIC = ("gatewayd.plugin", "gatewayd.testing")
PRIVATE = ("gatewayd", "gatewayd_ext", "gatewayd_plugins")


class PackagingTests(Subject):
    """Tests of a plugin as it is installed."""

    def test_it_loads_and_registers_what_it_brings(self) -> None:
        """A source type under the name of its entry point, or features."""
        self.point()
        self.brings()

    def test_it_uses_nothing_that_is_deprecated(self) -> None:
        """What is deprecated is gone in a later release, and the plugin with it."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", PluginDeprecationWarning)
            self.brings()
        said = [str(each.message) for each in caught if issubclass(each.category, PluginDeprecationWarning)]
        demand(holds=not said, what=" and ".join(said), fix="see CHANGELOG.md of gatewayd")

    def test_it_imports_nothing_of_gatewayd_but_its_public_part(self) -> None:
        """Everything else may change any day."""
        module = self.point().module
        for path in _files(module):
            for name in sorted(_imported(path)):
                demand(
                    holds=not _is_private(name, module),
                    what=f"{path} imports {name}, which is no public part of gatewayd",
                    fix="import gatewayd.plugin; what is missing there, ask for it",
                )

    def test_its_readme_explains_every_option_and_feature(self) -> None:
        """An integrator has nothing else to go by."""
        source, features = self.brings()
        text = _readme(self.point())
        demand(
            holds=bool(text),
            what="it has no README",
            fix='write README.md, and `readme = "README.md"` in pyproject.toml',
        )
        names = [*(_options(Registry().source_type(self.plugin)) if source else ()), *features]
        missing = [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)]
        demand(
            holds=not missing,
            what=f"its README does not mention {', '.join(missing)}",
            fix="say what each of them means",
        )


def _is_private(name: str, own: str) -> bool:
    """Whether a module is a part of gatewayd that a plugin in the module `own` should not know."""
    if name == own or name.startswith(f"{own}.") or any(name == each or name.startswith(f"{each}.") for each in PUBLIC):
        return False
    return name.partition(".")[0] in PRIVATE


def _files(module: str) -> list[Path]:
    """The plugin's own files: its module, or all of its package."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ConformanceError(f"there is no module {module!r}; mend the entry point")
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py")) if spec.submodule_search_locations else [origin]


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            top = node.module in PRIVATE
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if top else {node.module}
    return names


def _options(kind: type[Source]) -> list[str]:
    return [field.name for field in fields(kind) if field.init] if is_dataclass(kind) else []


def _readme(point: EntryPoint) -> str:
    """The README that a package carries along, that lies in its project, or that it was published with."""
    for folder in (*_package(point.module), *_project(point.dist)):
        readme = folder / "README.md"
        if readme.is_file():
            return readme.read_text(encoding="utf-8")
    return str(point.dist.metadata.json.get("description", "")) if point.dist else ""


def _package(module: str) -> list[Path]:
    spec = find_spec(module)
    return [Path(place) for place in (spec and spec.submodule_search_locations) or ()]


def _project(distribution: Distribution | None) -> list[Path]:
    """The folder of a distribution that is installed as it is written (`pip install -e`): it has the latest README."""
    told = distribution and distribution.read_text("direct_url.json")
    origin = json.loads(told) if told else {}
    editable = origin.get("dir_info", {}).get("editable", False)
    return [Path(unquote(urlsplit(origin["url"]).path))] if editable else []

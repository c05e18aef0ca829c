"""What can be seen of a plugin without a device: how it is packaged, and what it declares."""

from __future__ import annotations

import ast
import asyncio
import math
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import mock

from gatewayd.plugin import Effort, PluginDeprecationWarning, Source
from gatewayd.registry import Registry
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.subject import Subject

LONGEST_LIMIT = 3600.0
LARGEST_MEMORY = 64 * 1024
RUBBISH = (b"", b"\0", b"{}", b"\x80", b"null", b"\xff" * 64, bytes(range(256)), b"[" * 500)
"""What may stand where the memory of an earlier version was."""


class DeclaringTests(Subject):
    """Tests of what a source says of itself before it is opened."""

    def test_it_loads_and_registers_a_source_type(self) -> None:
        """Under the name of its entry point."""
        self.point()
        Registry().source_type(self.plugin)

    def test_it_uses_nothing_that_is_deprecated(self) -> None:
        """What is deprecated is gone in a later release, and the plugin with it."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", PluginDeprecationWarning)
            Registry().source_type(self.plugin)
        said = [str(each.message) for each in caught if issubclass(each.category, PluginDeprecationWarning)]
        demand(holds=not said, what=" and ".join(said), fix="see CHANGELOG.md of gatewayd")

    def test_it_imports_nothing_of_gatewayd_but_its_public_part(self) -> None:
        """Everything else may change any day."""
        module = self.point().module
        for path in _files(module):
            for name in sorted(_imported(path)):
                private = name == "gatewayd" or name.startswith(("gatewayd.", "gatewayd_ext"))
                public = name in ("gatewayd.plugin", "gatewayd.testing") or name.startswith("gatewayd.testing.")
                demand(
                    holds=public or not private,
                    what=f"{path} imports {name}, which is no public part of gatewayd",
                    fix="import gatewayd.plugin; what is missing there, ask for it",
                )

    def test_it_declares_the_same_again_without_asking_anyone(self) -> None:
        """A config is checked on a desk, far from any device; and a reload compares what was declared."""

        async def declare() -> None:
            async with self.declared() as hand:
                first: list[Any] = []
                again: list[Any] = []
                for seen in (first, again):
                    with _cut_off():
                        polls = hand.source.polls(1.0)
                        seen += [*hand.source.declare(), *polls, *(hand.source.effort(poll) for poll in polls)]
                        line = hand.source.line()
                        seen.append(line and (line.key, line.terms, line.name))
                demand(
                    holds=first == again, what=f"it declares {first}, then {again}", fix="declare from options alone"
                )

        asyncio.run(declare())

    def test_its_efforts_are_times(self) -> None:
        """`gatewayd plan` adds them up."""

        async def ask() -> None:
            async with self.declared() as hand:
                for effort in (each for poll in hand.polls for each in hand.source.effort(poll)):
                    right = isinstance(effort, Effort) and 0 <= effort.seconds < math.inf
                    demand(holds=right, what=f"an effort is {effort!r}", fix="give an Effort of 0 s or more")

        asyncio.run(ask())

    def test_its_calls_may_take_a_limited_time(self) -> None:
        """While a call hangs, its line stands still."""

        async def ask() -> None:
            async with self.declared() as hand:
                limit = hand.source.poll_limit
                right = isinstance(limit, float | int) and 0 < limit <= LONGEST_LIMIT
                demand(holds=right, what=f"poll_limit is {limit!r}", fix=f"at most {LONGEST_LIMIT:g} seconds")

        asyncio.run(ask())

    def test_it_forgets_a_memory_that_makes_no_sense(self) -> None:
        """It may be of another version, or what a power cut has left."""

        async def remember() -> None:
            for rubbish in RUBBISH:
                async with self.declared() as hand:
                    try:
                        hand.source.recall(rubbish)
                        memory = hand.source.memory()
                    except Exception as error:
                        raise ConformanceError(
                            f"recall({rubbish[:16]!r}) raises {error!r}; forget it instead"
                        ) from error
                    right = isinstance(memory, bytes) and len(memory) <= LARGEST_MEMORY
                    demand(holds=right, what=f"memory() gives {memory!r:.40}", fix=f"bytes, {LARGEST_MEMORY} at most")

        asyncio.run(remember())

    def test_its_readme_explains_every_option(self) -> None:
        """An integrator has nothing else to go by."""
        kind = Registry().source_type(self.plugin)
        options = _options(kind)
        text = _readme(self.point())
        missing = [option for option in options if option not in text]
        demand(
            holds=not missing,
            what=f"its README does not mention the options {', '.join(missing)}" if text else "it has no README",
            fix='write README.md, and `readme = "README.md"` in pyproject.toml',
        )


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
            top = node.module == "gatewayd"
            names |= {f"gatewayd.{alias.name}" for alias in node.names} if top else {node.module}
    return names


def _options(kind: type[Source]) -> list[str]:
    return [field.name for field in fields(kind) if field.init] if is_dataclass(kind) else []


def _readme(point: EntryPoint) -> str:
    """The README that a package carries along, else the one that its distribution was published with."""
    package = find_spec(point.module)
    if package and package.submodule_search_locations:
        readme = Path(package.submodule_search_locations[0]) / "README.md"
        if readme.is_file():
            return readme.read_text(encoding="utf-8")
    return str(point.dist.metadata.json.get("description", "")) if point.dist else ""


@contextmanager
def _cut_off() -> Iterator[None]:
    """No network for a while."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ConformanceError("it asks the network before it is opened; declare from the options alone")

    with mock.patch.object(socket.socket, "connect", refuse), mock.patch.object(socket, "getaddrinfo", refuse):
        yield

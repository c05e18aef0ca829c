"""Our errors. Each builds its own text: who, where, what was expected, what came, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_TOLD = 100
"""Problems of a config that are told one by one."""


class GatewaydError(Exception):
    """Anything that gatewayd itself reports; its text is meant for the person at the keyboard."""


class NeedsPersonError(GatewaydError):
    """The daemon cannot run, and trying again does not help: somebody must decide. systemd leaves it `failed`."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in a config file. `line` and `column` count from 1; 0 where there is none.

    A problem that is not `fatal` disables what it names and lets the rest run (a plugin that does not import). `key` is
    the one that it is about (`sources.pump1.plugin`), where there is one.
    """

    file: str
    line: int
    column: int
    what: str
    fix: str = ""
    fatal: bool = True
    key: str = ""

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it is known by, wherever in the file that is written."""
        return self.file, self.key, self.what

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.what}" + (f"; {self.fix}" if self.fix else "")


class ConfigError(GatewaydError):
    """A configuration cannot be used; `problems` are all that was found, in the order of the file.

    The text is what is `told` of them: the first ones, and how many more there are.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        more = len(problems) - MOST_TOLD
        self.told = [*map(str, self.problems[:MOST_TOLD]), *([f"and {more} more problems"] if more > 0 else [])]
        super().__init__("\n".join(self.told))


class AnalysisError(GatewaydError):
    """A recording cannot be analysed."""

    def __init__(self, path: str, what: str, fix: str = "") -> None:
        self.path = path
        self.what = what
        self.fix = fix
        super().__init__(f"{path}: {what}" + (f"; {fix}" if fix else ""))


class ReplayError(GatewaydError):
    """Something cannot be replayed; `line` (from 1) is the one of a recording, 0 where that has no lines."""

    def __init__(self, path: str, what: str, fix: str = "", line: int = 0) -> None:
        self.path = path
        self.what = what
        self.fix = fix
        self.line = line
        place = f"{path}:{line}" if line else path
        super().__init__(f"{place}: {what}" + (f"; {fix}" if fix else ""))


class PluginError(GatewaydError):
    """A plugin cannot be used: it is not installed, does not import, or registers something wrong."""

    def __init__(self, plugin: str, what: str, fix: str = "", distribution: str = "") -> None:
        self.plugin = plugin
        self.what = what
        self.fix = fix
        self.distribution = distribution
        owner = f" ({distribution})" if distribution else ""
        super().__init__(f"plugin {plugin!r}{owner}: {what}" + (f"; {fix}" if fix else ""))

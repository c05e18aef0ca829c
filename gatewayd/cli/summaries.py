"""Summaries: the first words of a command's help, read from its source so that nothing of it has to be imported."""

from __future__ import annotations

import ast
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import TypeGuard


def summary(point: EntryPoint) -> str:
    """What the function behind an entry point says of itself; empty: it is not to be seen without loading it."""
    top, *rest = point.module.split(".")
    try:
        spec = find_spec(top)
        folders = (spec and spec.submodule_search_locations) or ()
        places = [Path(folder, *rest) for folder in folders]
        files = [file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")]
        if spec and spec.origin and not rest:
            files.append(Path(spec.origin))
        text = next(file for file in files if file.is_file()).read_text(encoding="utf-8")
        function = next(each for each in ast.parse(text).body if _is_called(each, point.attr))
    except (OSError, ValueError, SyntaxError, StopIteration):
        return ""
    return ast.get_docstring(function) or ""


def _is_called(node: ast.stmt, name: str) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and node.name == name

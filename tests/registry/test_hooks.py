"""The law of hooks: none without a bundled plugin that uses it, without its documentation, without its test."""

import ast
import inspect
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from gatewayd import plugin
from gatewayd.registry.registry import Registry

ROOT = Path(__file__).parents[2]
HOOKS = [name for name, _ in inspect.getmembers(plugin.Hooks, inspect.isfunction) if not name.startswith("_")]


def implementing(name):
    """The bundled plugins that implement a hook."""
    found = []
    for path in sorted((ROOT / "plugins").glob("*/__init__.py")):
        functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        marked = [node for node in functions if any(ast.unparse(each) == "hookimpl" for each in node.decorator_list)]
        found += [path.parent.name for node in marked if node.name == name]
    return found


def test_there_are_few():
    assert sorted(HOOKS) == ["register_features", "register_sources"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_bundled_plugin_uses_it(hook):
    assert implementing(hook)


@pytest.mark.parametrize("hook", HOOKS)
def test_it_is_explained(hook):
    arguments = ", ".join(list(inspect.signature(getattr(plugin.Hooks, hook)).parameters)[1:])
    text = (ROOT / "docs" / "plugin-interface.md").read_text()
    assert re.search(rf"^### {hook}\({arguments}\)$", text, re.MULTILINE)
    assert inspect.getdoc(getattr(plugin.Hooks, hook))


@pytest.mark.parametrize("hook", HOOKS)
def test_it_is_tested_here(hook):
    assert f"test_hook_{hook}" in globals()


@pytest.mark.parametrize("name", implementing("register_sources"))
def test_hook_register_sources(name):
    assert issubclass(Registry().source_type(name), plugin.Source)


@pytest.mark.parametrize("name", implementing("register_features"))
def test_hook_register_features(name):
    assert Registry().features(name)


def test_every_bundled_plugin_is_installed():
    folders = {path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")}
    ours = {point.value for point in entry_points(group="gatewayd") if point.value.startswith("gatewayd_plugins.")}
    assert {value.removeprefix("gatewayd_plugins.") for value in ours} == folders

"""docs/plugins.md is held to the code: its first plugin, its examples, and every name and hook that there is."""

import inspect
import re
import sys
from pathlib import Path

import pytest

from gatewayd import plugin

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "plugins.md").read_text()
TANK = ROOT / "tests" / "thirdparty" / "gatewayd-tank"
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def public(kind):
    """Its public methods as they are called."""
    methods = inspect.getmembers(kind, inspect.isfunction)
    return [
        f"{name}({', '.join(list(inspect.signature(method).parameters)[1:])})"
        for name, method in methods
        if not name.startswith("_")
    ]


@pytest.mark.parametrize(("file", "language"), [("gatewayd_tank.py", "python"), ("pyproject.toml", "toml")])
def test_the_first_plugin_is_the_one_that_the_tests_install(file, language):
    (block,) = re.findall(rf"`{file}`:\n\n```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert block == (TANK / file).read_text()


@pytest.mark.parametrize("name", plugin.__all__)
def test_every_public_name_is_explained(name):
    assert re.search(rf"`{name}[`(.]", TEXT)


@pytest.mark.parametrize("hook", public(plugin.Hooks))
def test_every_hook_has_a_heading_with_its_arguments(hook):
    assert f"\n### {hook}\n" in TEXT


@pytest.mark.parametrize("kind", [plugin.Source, plugin.Line], ids=lambda kind: kind.__name__)
def test_every_method_that_a_plugin_may_have_is_in_a_table(kind):
    assert public(kind)
    for method in public(kind):
        assert f"| `{method}` |" in TEXT


@pytest.mark.parametrize("value", [*plugin.Quality, *plugin.Kind], ids=str)
def test_every_quality_and_kind_is_explained(value):
    assert f"`{type(value).__name__}.{value.name}`" in TEXT


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_a_source_with_channels(code, monkeypatch):
    module = type(sys)("example")
    monkeypatch.setitem(sys.modules, "example", module)
    exec(compile(code, "docs/plugins.md", "exec"), module.__dict__)
    (source,) = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, plugin.Source) and value is not plugin.Source
    ]
    required = [
        name
        for name, parameter in inspect.signature(source).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]
    made = source(**dict.fromkeys(required, "x"))
    names = {channel.name for channel in made.declare()}
    assert names == {name for poll in made.polls(1.0) for name in poll.channels}

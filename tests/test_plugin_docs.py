"""The pages on plugins are held to the code: the first plugin, the examples, and every name and hook that there is."""

import inspect
import math
import re
import sys
from dataclasses import fields
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest

from gatewayd import plugin
from gatewayd.model import Request
from gatewayd.registry.registration import Registration
from gatewayd.scaffold import project

ROOT = Path(__file__).parents[1]
BEGIN, INTERFACE = ((ROOT / "docs" / page).read_text() for page in ("plugins.md", "plugin-interface.md"))
TEXT = BEGIN + INTERFACE
TANK = ROOT / "tests" / "thirdparty" / "gatewayd-tank"
TESTS = project("tank")["tests/test_tank.py"]
EXAMPLES = [code for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if code != TESTS]
SOURCES = [code for code in EXAMPLES if "(Source)" in code]
FEATURES = [code for code in EXAMPLES if "def register_features" in code]


def public(kind):
    """Its public methods as they are called."""
    methods = inspect.getmembers(kind, inspect.isfunction)
    return [
        f"{name}({', '.join(list(inspect.signature(method).parameters)[1:])})"
        for name, method in methods
        if not name.startswith("_")
    ]


def shown(file):
    """What the page shows of a file, in one or several blocks."""
    return "\n\n".join(re.findall(rf"`{re.escape(file)}`:\n\n```\w+\n(.*?)```", BEGIN, re.DOTALL))


@pytest.mark.parametrize("file", ["gatewayd_tank.py", "pyproject.toml"])
def test_the_first_plugin_is_the_one_that_the_tests_install(file):
    assert shown(file) == (TANK / file).read_text()


@pytest.mark.parametrize("file", sorted(project("tank").keys() - {"README.md"}))
def test_the_first_plugin_is_the_one_that_the_command_writes(file):
    assert shown(file).startswith(project("tank")[file])


def test_the_readme_of_the_first_plugin_is_the_one_that_the_command_writes():
    assert (TANK / "README.md").read_text() == project("tank")["README.md"]


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


def test_every_example_is_a_source_or_a_feature():
    assert sorted(SOURCES + FEATURES) == sorted(EXAMPLES)


@pytest.fixture
def executed(monkeypatch):
    """The names that an example defines."""

    def execute(code):
        module = type(sys)("example")
        monkeypatch.setitem(sys.modules, "example", module)
        module.hookimpl = plugin.hookimpl  # one continues the first plugin
        exec(compile(code, "docs/plugins.md", "exec"), module.__dict__)
        return vars(module)

    return execute


@pytest.mark.parametrize("code", SOURCES, ids=range(len(SOURCES)))
def test_every_source_among_the_examples_has_channels(code, executed):
    (source,) = [
        value
        for value in executed(code).values()
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


TONE = np.sin(2 * np.pi * 6000 * np.arange(4096) / 32768)
LEVELS = np.array([1.0, 1.005, 1.5, 1.2, 1.7])
EXPECTED = {"inflow": (LEVELS, (), 0.995), "hiss": (TONE, (), 1.0)}


@pytest.mark.parametrize("code", FEATURES, ids=range(len(FEATURES)))
def test_every_feature_among_the_examples_gives_what_it_says(code, executed):
    (point,) = [point for point in entry_points(group="gatewayd") if point.name == "simulator"]
    registration = Registration(point, {"simulator"})
    executed(code)["register_features"](registration.feature)
    ((name, feature),) = registration.features.items()
    values, parameters, expected = EXPECTED[name]
    asked = Request(0, 0, values, None, 32768.0, math.nan)
    assert feature.calculation("m", parameters)(asked) == pytest.approx((expected,), abs=1e-6)


@pytest.mark.parametrize("field", [field.name for field in fields(plugin.FeatureWindow)])
def test_all_that_a_feature_is_given_is_in_a_table(field):
    assert f"| `{field}` |" in TEXT

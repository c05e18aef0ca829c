"""The registry: plugins are found, loaded by name, and each is judged for itself."""

import subprocess
import sys

import fake_plugins
import pytest

from gatewayd.errors import PluginError
from gatewayd.plugin import Source
from gatewayd.registry import Registry, installed

HOOK = """
from gatewayd.plugin import Source, hookimpl

class Tank(Source):
    pass

@hookimpl
def register_sources(register):
    {body}
"""


@pytest.fixture
def install(monkeypatch, tmp_path):
    return lambda *args, **options: fake_plugins.install(monkeypatch, tmp_path, *args, **options)


def error_of(name):
    with pytest.raises(PluginError) as caught:
        Registry().source_type(name)
    return caught.value


def test_a_plugin_is_loaded_by_its_name(install):
    install()
    assert issubclass(Registry().source_type("tank"), Source)


def test_our_own_plugin_comes_in_through_the_same_door():
    assert Registry().source_type("simulator").__name__ == "Simulator"


def test_a_plugin_is_loaded_once(install):
    install()
    registry = Registry()
    assert registry.source_type("tank") is registry.source_type("tank")


def test_a_plugin_that_nobody_names_is_not_imported(install):
    install("bomb", "raise RuntimeError('must not be imported')")
    install()
    Registry().source_type("tank")
    assert "acme_bomb" not in sys.modules


def test_one_that_is_not_installed_is_refused_with_those_that_are(install):
    install()
    error = error_of("tonk")
    assert error.plugin == "tonk"
    assert str(error).startswith("plugin 'tonk': is not installed; installed plugins: ")
    assert "simulator, tank" in str(error)


BROKEN = {
    "an import that fails": ("import nowhere_to_be_found", "does not import (ModuleNotFoundError: No module named"),
    "a mistake": ("1 / 0", "does not import (ZeroDivisionError: division by zero)"),
    "a syntax error": ("def (", "does not import (SyntaxError: "),
    "an exit": ("raise SystemExit(3)", "does not import (SystemExit: 3)"),
    "no hook": ("", "registers no source type 'tank'; implement the hook register_sources"),
    "an unknown hook": (
        "from gatewayd.plugin import hookimpl\n@hookimpl\ndef register_sorces(register): pass",
        "unknown hook 'register_sorces'",
    ),
    "a wrong argument": (
        "from gatewayd.plugin import hookimpl\n@hookimpl\ndef register_sources(registry): pass",
        "{'registry'}",
    ),
    "a hook that raises": (
        HOOK.format(body="raise KeyError('tank')"),
        "fails to register its sources (KeyError: 'tank')",
    ),
    "a hook that exits": (HOOK.format(body="raise SystemExit"), "fails to register its sources (SystemExit)"),
    "another name": (HOOK.format(body="register('tonk', Tank)"), "'tonk', which is not the name of its entry point"),
    "no class": (HOOK.format(body="register('tank', Tank())"), "register a subclass of gatewayd.plugin.Source"),
    "a class that is no source": (HOOK.format(body="register('tank', dict)"), "registers <class 'dict'>"),
    "twice": (HOOK.format(body="register('tank', Tank); register('tank', Tank)"), "the source type 'tank' twice"),
}


@pytest.mark.parametrize(("code", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_refused_by_name_and_distribution_and_stays_alone(install, code, says):
    install(code=code)
    install("well", fake_plugins.TANK.replace('register("tank"', 'register("well"'))
    registry = Registry()
    with pytest.raises(PluginError) as caught:
        registry.source_type("tank")
    assert str(caught.value).startswith("plugin 'tank' (acme-tank 1.2): ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert registry.source_type("well").__name__ == "Tank"


def test_a_module_that_its_distribution_does_not_have_is_refused(install):
    install(points=["tank = acme_gone"])
    assert "No module named 'acme_gone'" in str(error_of("tank"))


def test_two_distributions_with_one_name_are_refused_both_named(install):
    install()
    install("other", points=["tank = acme_other"])
    error = str(error_of("tank"))
    assert "acme-tank 1.2" in error
    assert "acme-other 1.2" in error


def test_one_module_may_bring_several_types_under_an_entry_point_each(install):
    code = HOOK.format(body="register('tank', Tank); register('silo', type('Silo', (Tank,), {}))")
    install(code=code, points=["tank = acme_tank", "silo = acme_tank"])
    registry = Registry()
    assert registry.source_type("tank").__name__ == "Tank"
    assert registry.source_type("silo").__name__ == "Silo"


def test_a_keyboard_interrupt_is_nobodys_error(install):
    install(code="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry().source_type("tank")


def test_all_that_is_installed_is_listed_with_why_it_does_not_load(install):
    install()
    install("bomb", "1 / 0", version="0.3")
    listed = {plugin.name: plugin for plugin in installed()}
    assert (listed["tank"].distribution, listed["tank"].version, listed["tank"].error) == ("acme-tank", "1.2", "")
    assert (listed["bomb"].distribution, listed["bomb"].version) == ("acme-bomb", "0.3")
    assert listed["bomb"].error == "does not import (ZeroDivisionError: division by zero)"
    assert listed["simulator"].distribution == "gatewayd"


def test_finding_plugins_imports_none_of_them():
    code = "import sys, gatewayd.registry as r; r.Registry().names(); print([m for m in sys.modules if 'plugins' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

"""What is deprecated in the plugin interface warns when a plugin that uses it is loaded, and names both."""

import json
import subprocess
import sys
import warnings

import fake_plugins
import pluggy
import pytest

from gatewayd.plugin import Hooks, PluginDeprecationWarning, Source, hookspec
from gatewayd.registry import deprecation, registry
from gatewayd.registry.registry import Registry
from gatewayd.testing import ConformanceError, conformance

INSTEAD = "take `register` alone; `gateway` goes with 2.0"


class OlderHooks(Hooks):
    """As it would be with an argument that is on its way out."""

    @hookspec(warn_on_impl_args={"gateway": PluginDeprecationWarning(INSTEAD)})
    def register_sources(self, register, gateway=None): ...


@pytest.fixture
def install(monkeypatch, tmp_path):
    def install(code=fake_plugins.TANK):
        fake_plugins.install(monkeypatch, tmp_path, code=code)

    return install


@pytest.fixture
def old_methods(monkeypatch):
    monkeypatch.setattr(deprecation, "METHODS", {"read_once": "write poll(poll)", "poll_limit": "say it in options"})
    monkeypatch.setattr(Source, "read_once", lambda self: None, raising=False)


OLD_ARGUMENT = fake_plugins.TANK.replace("def register_sources(register)", "def register_sources(register, gateway)")
OLD_METHOD = fake_plugins.TANK.replace("    def declare", "    def read_once(self): pass\n\n    def declare")
OLD_PROPERTY = fake_plugins.TANK.replace("    def declare", "    poll_limit = 3.0\n\n    def declare")


def warned(name="tank"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Registry().source_type(name)
    return caught


def test_an_argument_of_a_hook_that_is_deprecated_warns(install, monkeypatch):
    monkeypatch.setattr(registry, "Hooks", OlderHooks)
    install(OLD_ARGUMENT)
    (warning,) = warned()
    assert (warning.category, str(warning.message)) == (PluginDeprecationWarning, INSTEAD)
    assert warning.filename.endswith("acme_tank.py")


def test_who_does_not_take_it_is_not_warned(install, monkeypatch):
    monkeypatch.setattr(registry, "Hooks", OlderHooks)
    install()
    assert warned() == []


def test_a_method_of_a_source_that_is_deprecated_warns_with_its_place(install, old_methods):
    install(OLD_METHOD)
    (warning,) = warned()
    assert warning.category is PluginDeprecationWarning
    assert str(warning.message) == "plugin 'tank' (acme-tank 1.2): Tank.read_once is deprecated; write poll(poll)"
    assert warning.filename.endswith("acme_tank.py")
    assert warning.lineno > 1


def test_an_attribute_that_is_deprecated_warns(install, old_methods):
    install(OLD_PROPERTY)
    (warning,) = warned()
    assert "Tank.poll_limit is deprecated" in str(warning.message)


def test_a_source_that_overrides_nothing_deprecated_is_not_warned(install, old_methods):
    install()
    assert warned() == []


def test_the_conformance_suite_refuses_what_is_deprecated(install, old_methods):
    install(OLD_METHOD)
    with pytest.raises(ConformanceError, match=r"read_once is deprecated; write poll\(poll\)"):
        conformance("tank", host="h")().test_it_uses_nothing_that_is_deprecated()


def test_everybody_sees_it_not_only_developers():
    assert not issubclass(PluginDeprecationWarning, DeprecationWarning | PendingDeprecationWarning)


def test_the_daemon_logs_it_as_an_event():
    code = "import warnings; from gatewayd import plugin; from gatewayd.logs import logs; logs.configure();"
    code += "warnings.warn('Tank.read_once is deprecated', plugin.PluginDeprecationWarning)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (line,) = ran.stderr.splitlines()
    event = json.loads(line)
    assert (event["event"], event["library"]) == ("library_logged", "py.warnings")
    assert "Tank.read_once is deprecated" in event["text"]


def specs(hooks):
    manager = pluggy.PluginManager("gatewayd")
    manager.add_hookspecs(hooks)
    return {name: getattr(manager.hook, name).spec for name in dir(hooks) if name.startswith("register_")}


def test_every_deprecated_argument_says_what_to_do_instead():
    for hooks in (Hooks, OlderHooks):
        for name, spec in specs(hooks).items():
            for argument, warning in (spec.warn_on_impl_args or {}).items():
                assert isinstance(warning, PluginDeprecationWarning), f"{name}({argument})"
                assert len(str(warning)) > 10

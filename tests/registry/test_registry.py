"""The registry: plugins are found, loaded by name, and each is judged for itself."""

import math
import subprocess
import sys

import fake_plugins
import numpy as np
import pytest

from gatewayd.errors import PluginError
from gatewayd.features.catalogue import Parameter
from gatewayd.model import Request
from gatewayd.plugin import INTERFACE, Source
from gatewayd.registry.registration import FeatureType
from gatewayd.registry.registry import Registry, installed

HOOK = """
from gatewayd.plugin import Source, hookimpl

class Tank(Source):
    pass

@hookimpl
def register_sources(register):
    {body}
"""


FEATURES = """
from gatewayd.plugin import hookimpl

def f(window, depth=1.0, times: int = 2, power: "float" = -0.5):
    return window.values.max() * depth

async def g(window):
    return 1.0

def h(window, depth: str):
    return 1.0

@hookimpl
def register_features(register):
    {body}
"""


def error_of(name):
    with pytest.raises(PluginError) as caught:
        Registry().source_type(name)
    return caught.value


def test_a_plugin_is_loaded_by_its_name(install):
    install()
    assert issubclass(Registry().source_type("tank"), Source)


def test_our_own_plugin_comes_in_through_the_same_door():
    assert Registry().source_type("simulator").__name__ == "Simulator"


def test_a_plugin_may_say_for_which_interface_it_was_written(install):
    install(code=f"{fake_plugins.TANK}\nGATEWAYD_INTERFACE = {INTERFACE}\n")
    assert Registry().source_type("tank").__name__ == "Tank"


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
    "what is no exception": ("class Panic(BaseException): pass\nraise Panic('at once')", "import (Panic: at once)"),
    "a newer interface": (
        "GATEWAYD_INTERFACE = 2",
        "was written for the plugin interface 2, and this gatewayd has 1; install a newer gatewayd",
    ),
    "an older interface": ("GATEWAYD_INTERFACE = 0", "gatewayd has 1; install a newer version of the plugin"),
    "an odd interface": ("GATEWAYD_INTERFACE = '1'", "the plugin interface '1', and"),
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
    "a hook that raises no exception": (HOOK.format(body="raise BaseException"), "its sources (BaseException)"),
    "another name": (HOOK.format(body="register('tonk', Tank)"), "'tonk', which is not the name of its entry point"),
    "no class": (HOOK.format(body="register('tank', Tank())"), "register a subclass of gatewayd.plugin.Source"),
    "a class that is no source": (HOOK.format(body="register('tank', dict)"), "registers <class 'dict'>"),
    "twice": (HOOK.format(body="register('tank', Tank); register('tank', Tank)"), "the source type 'tank' twice"),
    "a feature hook that raises": (
        FEATURES.format(body="1 / 0"),
        "fails to register its features (ZeroDivisionError: ",
    ),
    "a feature that is none": (FEATURES.format(body="register('sludge', 5)"), "registers 5 as the feature 'sludge'"),
    "a feature with an odd name": (FEATURES.format(body="register('my sludge', f)"), "registers a feature 'my sludge'"),
    "a feature without a name": (FEATURES.format(body="register(None, f)"), "registers a feature None"),
    "a feature twice": (FEATURES.format(body="register('f', f); register('f', f)"), "registers the feature 'f' twice"),
    "an odd unit": (FEATURES.format(body="register('f', f, 5)"), "registers the feature 'f' with the unit 5"),
    "no window": (FEATURES.format(body="register('f', lambda: 1)"), "registers the feature 'f', which takes no window"),
    "no signature": (
        FEATURES.format(body="register('f', min)"),
        "the feature 'f', which takes no window; write it like",
    ),
    "a coroutine": (FEATURES.format(body="register('f', g)"), "the feature 'f', which is an `async def`"),
    "any arguments": (FEATURES.format(body="register('f', lambda w, *more: 1)"), "'f' with the argument '*more'"),
    "keywords": (FEATURES.format(body="register('f', lambda w, *, depth: 1)"), "'f' with the argument 'depth'"),
    "a text": (FEATURES.format(body="register('f', lambda w, depth='deep': 1)"), "with the argument \"depth='deep'\""),
    "an infinite default": (FEATURES.format(body="register('f', lambda w, x=float('inf'): 1)"), "argument 'x=inf'"),
    "an argument that is no number": (FEATURES.format(body="register('f', h)"), "'f' with the argument 'depth: str'"),
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


# --- features -----------------------------------------------------------------------------------------------------


def asked(values, seconds=None, rate=100.0):
    return Request(0, 0, np.asarray(values), seconds, rate, 25.0)


def test_features_come_with_their_parameters_and_the_unit_that_they_give(install):
    install(code=FEATURES.format(body="register('f', f); register('plain', lambda window: 1, unit='mm/s')"))
    features = Registry().features("tank")
    assert list(features) == ["f", "plain"]
    assert [(each.name, each.default, each.whole) for each in features["f"].parameters] == [
        ("depth", 1.0, False),
        ("times", 2.0, True),
        ("power", -0.5, False),
    ]
    assert all(each.low == -math.inf and each.high == math.inf for each in features["f"].parameters)
    assert (features["f"].unit, features["f"].signature) == (None, "(depth=1, times=2, power=-0.5)")
    assert (features["plain"].unit, features["plain"].parameters, features["plain"].signature) == ("mm/s", (), "")


def test_a_plugin_may_bring_sources_and_features(install):
    both = fake_plugins.TANK + FEATURES.format(body="register('f', f)")
    install(code=both, points=["tank = acme_tank", "silo = acme_tank"])
    registry = Registry()
    assert registry.source_type("tank").__name__ == "Tank"
    assert list(registry.features("tank")) == list(registry.features("silo")) == ["f"]
    with pytest.raises(PluginError, match="registers no source type 'silo'; it brings features only"):
        registry.source_type("silo")


def test_a_plugin_of_sources_only_has_no_features(install):
    install()
    with pytest.raises(PluginError, match="registers no features; implement the hook register_features"):
        Registry().features("tank")


def test_a_feature_is_called_with_the_window_and_the_numbers_that_are_given(install):
    install(code=FEATURES.format(body="register('f', f)"))
    compute = Registry().features("tank")["f"].calculation("bar", (3.0,))
    assert compute(asked([1, 5, 2])) == (15.0,)


def test_a_whole_number_is_an_int_and_what_is_not_given_has_its_default():
    seen = []
    function = lambda window, times, depth=0.5: seen.append((times, depth))  # noqa: E731
    parameters = (Parameter("times", whole=True), Parameter("depth", default=0.5))
    FeatureType(function, None, parameters).calculation("bar", (3.0,))(asked([1.0]))
    assert seen == [(3, 0.5)]
    assert isinstance(seen[0][0], int)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_feature_gets_copies_that_it_cannot_write_to(dtype):
    def greedy(window):
        for array in (window.values, window.seconds):
            assert array.dtype == np.float64
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 7
            array.flags.writeable = True
            array[:] = 7
        return window.shaft

    values, seconds = np.array([1, 2], dtype), np.array([0.0, 3.0])
    assert FeatureType(greedy, None, ()).calculation("bar")(asked(values, seconds)) == (25.0,)
    assert (values.tolist(), seconds.tolist()) == ([1, 2], [0, 3])


def test_a_window_tells_its_times_rate_and_unit():
    windows = []
    compute = FeatureType(lambda window: windows.append(window) or 1.0, None, ()).calculation("bar")
    compute(asked([1.0, 2.0, 4.0]))
    compute(asked([1.0, 2.0], np.array([0.0, 1.5])))
    even, uneven = windows
    assert (even.unit, even.rate, even.seconds.tolist()) == ("bar", 100.0, [0, 0.01, 0.02])
    assert math.isnan(uneven.rate)
    assert uneven.seconds.tolist() == [0, 1.5]


def test_a_keyboard_interrupt_is_nobodys_error(install):
    install(code="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry().source_type("tank")


def test_all_that_is_installed_is_listed_with_why_it_does_not_load(install):
    install()
    install("bomb", "1 / 0", version="0.3")
    install("mud", FEATURES.format(body="register('f', f)"))
    listed = {plugin.name: plugin for plugin in installed()}
    assert (listed["tank"].distribution, listed["tank"].version, listed["tank"].error) == ("acme-tank", "1.2", "")
    assert (listed["bomb"].distribution, listed["bomb"].version) == ("acme-bomb", "0.3")
    assert listed["bomb"].error == "does not import (ZeroDivisionError: division by zero)"
    assert listed["simulator"].distribution == "gatewayd"
    assert (listed["tank"].source, listed["tank"].features) == (True, ())
    assert listed["mud"].features == ("mud.f(depth=1, times=2, power=-0.5)",)
    assert (listed["mud"].source, listed["mud"].error) == (False, "")


def test_finding_plugins_imports_none_of_them():
    code = (
        "import sys, gatewayd.registry.registry as r; r.Registry().names();"
        "print([m for m in sys.modules if 'plugins' in m])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

"""The conformance suite on a plugin that brings features only: it passes when it is right, and each fault is named."""

import fake_plugins
import pytest

from gatewayd.testing import ConformanceError, conformance

PLUGIN = """
import time

from gatewayd.plugin import hookimpl

CALLS = []


def rise(window, least=0.0, steps: int = 1):
    steps = window.values[1:] - window.values[:-1]
    return steps[steps > least].sum()


@hookimpl
def register_features(register):
    register("rise", rise)
"""
FIRST = "    steps = window.values[1:]"
SUM = "steps[steps > least].sum()"
FAULTS = {
    "raising": ("give_a_number_of_any_window", (SUM, "steps[0]"), "the feature rise raises IndexError"),
    "a text": (
        "give_a_number_of_any_window",
        (SUM, "str(least)"),
        "rise of a waveform is '0.0'; return a finite number",
    ),
    "for ever": ("give_a_number_of_any_window", (SUM, "1 / (steps.sum() or 1e-320)"), "is inf"),
    "a memory": ("depend_on_the_window_alone", (SUM, "len(CALLS) + (CALLS.append(1) or 0)"), "is 0, then 1"),
    "writing": ("give_a_number_of_any_window", (FIRST, "    window.values[0] = 0\n" + FIRST), "read-only"),
    "slow": ("are_quick", (FIRST, "    time.sleep(0.02)\n" + FIRST), " s for a waveform; let NumPy compute"),
}


@pytest.fixture
def install(monkeypatch, tmp_path):
    def install(old="", new="", readme="rise"):
        assert old in PLUGIN
        fake_plugins.install(monkeypatch, tmp_path, "slope", PLUGIN.replace(old, new) if old else PLUGIN)
        metadata = next(tmp_path.glob("*/*.dist-info/METADATA"))
        metadata.write_text(metadata.read_text() + f"\n{readme}\n")
        return conformance("slope")

    return install


def test_a_good_plugin_passes_and_is_asked_nothing_about_sources(install):
    suite = install()
    names = [name for name in dir(suite) if name.startswith("test_")]
    assert len(names) == 8
    for name in names:
        getattr(suite(), name)()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("test", "change", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_and_named(install, monkeypatch, test, change, says):
    monkeypatch.setattr("gatewayd.testing.suite.features.LONGEST", 0.01)
    with pytest.raises(ConformanceError) as caught:
        getattr(install(*change)(), f"test_its_features_{test}")()
    assert says in str(caught.value)


def test_a_feature_that_the_readme_does_not_explain_is_named(install):
    with pytest.raises(ConformanceError, match="does not mention rise"):
        install(readme="sunrise")().test_its_readme_explains_every_option_and_feature()

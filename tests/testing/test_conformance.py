"""The conformance suite finds what is wrong with a plugin: each fault by the test that is about it, in words."""

import json
from contextlib import asynccontextmanager

import fake_plugins
import pytest
from tanks import FAULTS, PLUGIN, RIGHT

from gatewayd.errors import GatewaydError
from gatewayd.testing import ConformanceError, conformance, serving
from gatewayd.testing.suite import failing, possessions, reading, running


@asynccontextmanager
async def sensor():
    async def answer(reader, writer):
        writer.write(b"1.25\n")

    async with serving(answer) as port:
        yield {"host": "127.0.0.1", "port": port}


def names_of(suite):
    return [name for name in dir(suite) if name.startswith("test_")]


@pytest.fixture
def install(monkeypatch, tmp_path):
    def install(*changes, readme="host, port"):
        code = PLUGIN
        for old, new in changes:
            assert old in code
            code = code.replace(old, new)
        fake_plugins.install(monkeypatch, tmp_path, code=code)
        metadata = next(tmp_path.glob("*/*.dist-info/METADATA"))
        metadata.write_text(metadata.read_text() + f"\n{readme}\n")
        return conformance("tank", sensor)()

    return install


@pytest.mark.parametrize("test", names_of(conformance("tank", sensor)))
def test_a_good_plugin_passes(install, test):
    getattr(install(), test)()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(running, "LONGEST_BLOCK", 1.0)
    monkeypatch.setattr(failing, "LONGEST_THREAD", 0.1)
    monkeypatch.setattr(failing, "PATIENCE", 0.2)
    monkeypatch.setattr(possessions, "LOOKS", 10)
    monkeypatch.setattr(reading, "OLDEST", 1.0)  # seconds since boot may be few


@pytest.mark.parametrize(("test", "changes"), RIGHT.values(), ids=RIGHT)
def test_what_is_unusual_but_right_passes(install, monkeypatch, test, changes):
    monkeypatch.setattr(failing, "BRIEF", 0.15)
    getattr(install(*changes), f"test_{test}")()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("test", "changes", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_and_named(install, test, changes, says):
    subject = install(*changes, readme="host, support" if "readme" in test else "host, port")
    with pytest.raises((ConformanceError, GatewaydError, OSError)) as caught:
        getattr(subject, f"test_{test}")()
    assert says in str(caught.value)


def test_every_test_of_the_suite_has_found_a_fault():
    found = {f"test_{test}" for test, _, _ in FAULTS.values()}
    assert set(names_of(conformance("tank", sensor))) - found == {
        "test_it_uses_nothing_that_is_deprecated",  # see test_deprecation.py
        "test_it_is_closed_and_opened_again",
        "test_its_sample_is_right_and_its_commented_lines_are_the_defaults",  # see test_sampling.py
    }


def test_what_the_readme_says_counts_before_it_is_installed_again(install, tmp_path):
    subject = install(readme="nothing")
    project = tmp_path / "a project"
    project.mkdir()
    origin = {"url": project.as_uri(), "dir_info": {"editable": True}}
    next(tmp_path.glob("*/*.dist-info")).joinpath("direct_url.json").write_text(json.dumps(origin))
    project.joinpath("README.md").write_text("`host` and `port`")
    subject.test_its_readme_explains_every_option_and_feature()

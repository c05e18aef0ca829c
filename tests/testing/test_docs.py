"""The examples of docs/plugin-testing.md are run, and everything that the kit has is on that page."""

import asyncio
import inspect
import re
from dataclasses import fields
from pathlib import Path

import fake_plugins
import pytest

import gatewayd.testing
from gatewayd.testing import Bench, FaultyWire, Reading, conformance, faulty_wire

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugin-testing.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
UNSAID = {"ConformanceError", "SimulatedLoop", "START"}
"""Names that need no words: they are met only in what others say."""


@pytest.mark.parametrize("code", EXAMPLES, ids=[re.search(r"def (test_\w+)", code)[1] for code in EXAMPLES])
def test_an_example_passes(code, installed_tank, request):
    namespace = {"asyncio": asyncio}
    exec(compile(code, "docs/plugin-testing.md", "exec"), namespace)
    ((_, test),) = [(name, value) for name, value in namespace.items() if name.startswith("test_")]
    ran = test(**{name: request.getfixturevalue(name) for name in inspect.signature(test).parameters})
    if inspect.isawaitable(ran):
        asyncio.run(ran)


@pytest.fixture
def installed_tank(monkeypatch, tmp_path):
    """The tank plugin, with the metadata that pip would have written."""
    code = (ROOT / "tests" / "thirdparty" / "gatewayd-tank" / "gatewayd_tank.py").read_text()
    fake_plugins.install(monkeypatch, tmp_path, code=code)


@pytest.mark.parametrize("name", sorted(set(gatewayd.testing.__all__) - UNSAID))
def test_every_name_of_the_kit_is_on_the_page(name):
    assert re.search(rf"`{name}[`(]", PAGE)


def test_every_test_of_the_suite_is_on_the_page():
    page = " ".join(re.sub(r"[|;,\n]", " ", PAGE).split()).lower()
    for name in dir(conformance("tank", faulty_wire)):
        if name.startswith("test_"):
            assert name.removeprefix("test_").replace("_", " ") in page


@pytest.mark.parametrize("name", [*vars(FaultyWire(0)), "cut", "heal"])
def test_every_fault_is_on_the_page(name):
    if not name.startswith("_") and name not in {"port", "connections"}:
        assert re.search(rf"`{name}[`(]", PAGE)


def test_all_that_a_bench_has_is_on_the_page():
    for name in ("polls", "latest", "readings", "waveforms", "failures", "status"):
        assert hasattr(Bench, name) or name in {"readings", "waveforms", "failures"}
        assert f"bench.{name}" in PAGE
    for field in fields(Reading):
        assert f"`{field.name}`" in PAGE

"""The kit as a plugin of pytest: its fixtures are there for whoever has gatewayd installed, and cost nothing else."""

import ast
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import gatewayd.testing
from gatewayd.testing import replaying, serving

HEAVY = ("numpy", "msgspec", "gatewayd.config", "gatewayd.sources", "gatewayd.testing.bench", "structlog")


def test_the_start_of_pytest_imports_little_of_ours():
    code = f"import sys, gatewayd.testing.fixtures; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("name", gatewayd.testing.__all__)
def test_everything_that_is_named_can_be_imported(name):
    assert getattr(gatewayd.testing, name) is not None


def test_what_is_not_there_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        gatewayd.testing.nothing  # noqa: B018


@pytest.mark.parametrize("name", ["simulate", "polling", "by_hand", "serving", "serial_port", "faulty_wire"])
def test_a_fixture_is_what_it_is_called(request, name):
    assert request.getfixturevalue(name) is getattr(gatewayd.testing, name)


def test_every_fixture_is_explained():
    tree = ast.parse(Path(gatewayd.testing.__file__).with_name("fixtures.py").read_text())
    fixtures = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    page = (Path(__file__).parents[2] / "docs" / "plugin-testing.md").read_text()
    assert len(fixtures) == 7
    for fixture in fixtures:
        assert f"`{fixture.name}`" in page


async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = await reader.readline()
    writer.close()
    return answer


async def test_a_recording_beside_the_test_stands_in_for_the_device(recorded_traffic):
    async with recorded_traffic("tank.jsonl") as port:
        assert await ask(port) == b"1.25\n"


async def test_with_the_option_the_device_itself_is_asked_and_recorded(request, monkeypatch, tmp_path):
    async def device(reader, writer):
        writer.write(b"0.5\n")
        await reader.read()

    async with serving(device) as port:
        monkeypatch.setattr(request.config.option, "record_traffic", f"127.0.0.1:{port}")
        record = request.getfixturevalue("recorded_traffic")
        async with record(tmp_path / "new.jsonl") as here:
            assert await ask(here) == b"0.5\n"
    async with replaying(tmp_path / "new.jsonl") as port:
        assert await ask(port) == b"0.5\n"

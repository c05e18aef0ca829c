"""The two sides of isolation know of each other only what they say, and a newcomer finds every module."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "gatewayd/isolation"
SECTION = (ROOT / "docs/architecture.md").read_text().split("### Isolation\n")[1].split("\n#")[0]


def imported(file):
    return set(re.findall(r"^ *from gatewayd\.isolation\.(\w+)", file.read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("child/*.py")), ids=lambda file: file.stem)
def test_the_child_loads_nothing_of_the_gateways_side(file):
    assert imported(file) <= {"child", "messages"}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_the_gateway_loads_nothing_of_the_child(file):
    assert "child" not in imported(file)


def test_every_module_is_in_the_architecture():
    modules = {file.stem for file in FOLDER.rglob("*.py")} - {"__init__", "__main__"}
    assert {module for module in modules if f"`{module}.py`" not in SECTION} == set()

"""requirements.lock: what the packaged gatewayd is installed with, pinned, as pyproject.toml allows it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WANTED = [Requirement(each) for each in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["ble"])]
LOCKED = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
LINES = [line for line in LOCKED.splitlines() if line.strip() and not line.startswith("#")]


def pins():
    """The versions of each package: there may be one for old and one for new Pythons."""
    found = {}
    for line in LINES:
        pinned = Requirement(re.split(r"\s--hash", line)[0])
        (pin,) = pinned.specifier
        assert pin.operator == "==", line
        found.setdefault(pinned.name, []).append(pin.version)
    return found


@pytest.mark.parametrize("wanted", WANTED, ids=lambda each: each.name)
def test_what_is_needed_is_pinned_within_what_is_allowed(wanted):
    versions = pins()[wanted.name]
    assert all(wanted.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("==")[0])
def test_each_package_has_its_hashes(line):
    assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", line)


def test_nothing_for_other_systems_is_in_it():
    assert not {"pyobjc-core", "winrt-runtime"} & pins().keys()

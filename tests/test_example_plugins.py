"""The plugins in examples/plugins/, packages of their own: installed as pip does it, they pass their own tests."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import packages
import pytest

PROJECTS = sorted((Path(__file__).parents[1] / "examples" / "plugins").glob("*/pyproject.toml"))


def test_the_examples_pass_their_own_tests_and_the_conformance_suite(tmp_path, request):
    """All in one process: to start one, and to import all that they need, takes longer than half of the tests."""
    projects = [shutil.copytree(path.parent, tmp_path / path.parent.name) for path in PROJECTS]
    tests = [project / "tests" for project in projects]
    packages.install(tmp_path / "site", packages.environment(request.config), *projects)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("-c", projects[0] / "pyproject.toml", "-o", f"pythonpath={' '.join(map(str, tests))}", *tests),
        ],
        check=False,
        capture_output=True,
        text=True,
        env=packages.environment(request.config, tmp_path / "site"),
    )
    assert ran.returncode == 0, ran.stdout[-5000:]
    assert "passed" in ran.stdout


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_an_example_has_the_settings_of_the_others(path):
    """So that their tests can be run together."""
    settings = [tomllib.loads(each.read_text())["tool"]["pytest"] for each in (path, PROJECTS[0])]
    assert settings[0] == settings[1]


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_an_example_is_a_package_that_could_be_published(path):
    about = tomllib.loads(path.read_text())
    assert about["project"]["name"] == path.parent.name
    assert about["project"]["readme"] == "README.md"
    assert any(each.startswith("gatewayd>=") for each in about["project"]["dependencies"])
    (point,) = about["project"]["entry-points"]["gatewayd"].values()
    assert point in about["tool"]["setuptools"]["packages"]

"""The plugins in examples/plugins/, packages of their own: installed as pip does it, they pass their own tests."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import packages
import pytest

PROJECTS = sorted((Path(__file__).parents[1] / "examples" / "plugins").glob("*/pyproject.toml"))


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_an_example_passes_its_own_tests_and_the_conformance_suite(path, tmp_path, request):
    project, site = shutil.copytree(path.parent, tmp_path / path.parent.name), tmp_path / "site"
    packages.install(project, site, packages.environment(request.config))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        check=False,
        capture_output=True,
        text=True,
        cwd=project,
        env=packages.environment(request.config, site),
    )
    assert ran.returncode == 0, ran.stdout[-5000:]
    assert "passed" in ran.stdout


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_an_example_is_a_package_that_could_be_published(path):
    about = tomllib.loads(path.read_text())
    assert about["project"]["name"] == path.parent.name
    assert about["project"]["readme"] == "README.md"
    assert any(each.startswith("gatewayd>=") for each in about["project"]["dependencies"])
    (point,) = about["project"]["entry-points"]["gatewayd"].values()
    assert point in about["tool"]["setuptools"]["packages"]

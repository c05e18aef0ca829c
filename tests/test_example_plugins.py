"""The plugins in examples/plugins/, which are packages of their own: installed by pip, they pass their own tests."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECTS = sorted((Path(__file__).parents[1] / "examples" / "plugins").glob("*/pyproject.toml"))


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Copies of all projects, and the folder `site` that pip has installed them to."""
    work = tmp_path_factory.mktemp("examples")
    copies = [shutil.copytree(path.parent, work / path.parent.name) for path in PROJECTS]  # pip leaves its build files
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "--target", work / "site", *copies]
    subprocess.run(command, check=True, capture_output=True, text=True, cwd=work)
    return work


@pytest.mark.parametrize("name", [path.parent.name for path in PROJECTS])
def test_an_example_passes_its_own_tests_and_the_conformance_suite(name, work):
    path = os.pathsep.join(filter(None, [str(work / "site"), os.environ.get("PYTHONPATH", "")]))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        check=False,
        capture_output=True,
        text=True,
        cwd=work / name,
        env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
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

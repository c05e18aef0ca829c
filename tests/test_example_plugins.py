"""The plugins in examples/plugins/, and one that `gatewayd plugin new` has just written, are packages of their own.

Installed as pip does it they pass their own tests, all in one process: to start one, and to import all that they need,
takes longer than half of the tests.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import packages
import pytest

from gatewayd.scaffold import write

EXAMPLES = sorted(path.parent for path in (Path(__file__).parents[1] / "examples" / "plugins").glob("*/pyproject.toml"))


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """Copies of the examples, and the new one."""
    work = tmp_path_factory.mktemp("plugins")
    return [*(shutil.copytree(path, work / path.name) for path in EXAMPLES), write("oil_level", work)]


@pytest.fixture(scope="module")
def run(projects, request):
    """Run a module of Python where they are installed."""
    site = projects[0].parent / "site"
    packages.install(site, packages.environment(request.config), *projects)
    environment = packages.environment(request.config, site)

    def run(*command):
        command = [sys.executable, "-m", *map(str, command)]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)

    return run


ALL = pytest.param("", id="all", marks=pytest.mark.campaign)
"""Takes ten seconds."""


@pytest.mark.parametrize(
    "chosen", [pytest.param("oil_level or test_every_channel_has_a_value", id="those of the new one"), ALL]
)
def test_they_pass_their_own_tests_and_the_conformance_suite(projects, run, request, chosen):
    tests = [project / "tests" for project in projects]
    ran = run(
        *("pytest", "-v", "-W", "error", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("--assert", request.config.getoption("assertmode"), "-k", chosen),
        *(
            "-c",
            projects[0] / "pyproject.toml",
            "--rootdir",
            projects[0].parent,
            "-o",
            f"pythonpath={' '.join(map(str, tests))}",
            *tests,
        ),
    )
    assert ran.returncode == 0, ran.stdout[-5000:]
    lines = ran.stdout.splitlines()
    for project in projects:
        assert any(project.name in line and " PASSED" in line for line in lines), project.name
    skipped = [line for line in lines if "oil-level" in line and " SKIPPED" in line]
    assert not skipped, "the suite asks a new one everything"


def test_they_are_listed(run):
    listed = run("gatewayd", "plugins").stdout
    assert "oil_level        gatewayd-oil-level 0.1.0        ok" in listed
    assert all(f" {path.name} " in listed for path in EXAMPLES)


def test_their_tests_have_the_same_settings_so_that_they_can_be_run_together(projects):
    abouts = [tomllib.loads((each / "pyproject.toml").read_text()) for each in projects]
    *examples, new = [about["tool"]["pytest"]["ini_options"] for about in abouts]
    assert all(each == examples[0] for each in examples)
    assert new.items() <= examples[0].items()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_a_package_that_could_be_published(path):
    about = tomllib.loads((path / "pyproject.toml").read_text())
    assert about["project"]["name"] == path.name
    assert about["project"]["readme"] == "README.md"
    assert any(each.startswith("gatewayd>=") for each in about["project"]["dependencies"])
    (point,) = about["project"]["entry-points"]["gatewayd"].values()
    assert point in about["tool"]["setuptools"]["packages"]

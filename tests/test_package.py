"""What is installed is whole, and is what the tests run against."""

import os
import sys
from importlib.metadata import distribution, entry_points
from importlib.util import cache_from_source
from pathlib import Path

import pytest

import gatewayd
import gatewayd_ext
import gatewayd_plugins

ROOT = Path(__file__).parents[1]
SAFE = bool(os.environ.get("PYTHONSAFEPATH"))

installed = pytest.mark.skipif(not SAFE, reason="an editable install; `make test` runs against the installed package")


@installed
@pytest.mark.parametrize("package", [gatewayd, gatewayd_ext, gatewayd_plugins])
def test_the_tests_run_against_the_installed_package(package):
    assert Path(package.__file__).is_relative_to(sys.prefix)
    assert not Path(package.__file__).is_relative_to(ROOT / package.__name__)


@installed
def test_the_unit_types_samples_and_kernels_are_in_the_package():
    files = [str(file) for file in distribution("gatewayd").files]
    installed_with_it = ("systemd/system/gatewayd.service", "sysusers.d/gatewayd.conf", "tmpfiles.d/gatewayd.conf")
    for ending in (*installed_with_it, "gatewayd/py.typed", "modbus/sample.toml", "tally.pyi"):
        assert any(file.endswith(ending) for file in files), ending
    assert [file for file in files if file.endswith(".abi3.so")]
    assert not [file for file in files if "tests" in Path(file).parts and "template" not in Path(file).parts]
    assert not [file for file in files if file.endswith((".h", ".pyx", ".pxd"))]


@installed
@pytest.mark.parametrize("package", [gatewayd, gatewayd_ext, gatewayd_plugins])
def test_all_modules_are_bytecode_which_a_read_only_system_could_not_make(package):
    modules = [path for path in Path(package.__file__).parent.rglob("*.py") if "template" not in path.parts]
    assert not [str(path) for path in modules if not Path(cache_from_source(str(path))).exists()]


def test_the_version_is_said_once():
    assert distribution("gatewayd").version == gatewayd.__version__


def test_plugins_and_commands_are_found_by_name():
    assert {"modbus", "simulator"} <= {point.name for point in entry_points(group="gatewayd")}
    assert "demo" in {point.name for point in entry_points(group="gatewayd.commands")}


def test_nothing_is_imported_under_the_name_of_its_folder():
    assert not {"plugins", "ext"} & set(sys.modules)

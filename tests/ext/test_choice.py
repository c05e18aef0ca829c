import os
import subprocess
import sys
from pathlib import Path

import gatewayd_ext

REPORT = """
import gatewayd_ext as e
import gatewayd_ext.judging as j
print(*(kind.__module__ for kind in (e.Burst, e.Sliding, e.Tally, e.Window, j.Changes, j.Guard, j.Health)))
"""
KERNELS = ("burst", "sliding", "tally", "window", "changes", "guard", "health")
WITHOUT_KERNEL = "import sys; sys.modules['gatewayd_ext.tally'] = None; import gatewayd_ext"


def run(program, **environment):
    plain = {name: value for name, value in os.environ.items() if name != "GATEWAYD_NO_EXT"}
    return subprocess.run(
        [sys.executable, "-c", program], env=plain | environment, capture_output=True, text=True, check=False
    )


def test_the_compiled_kernels_are_what_is_used():
    kernels = [f"gatewayd_ext.{name}" for name in KERNELS]
    assert run(REPORT).stdout.split() == kernels


def test_the_twins_are_used_when_asked_for():
    windows = ["gatewayd_ext.reference_burst", *["gatewayd_ext.reference"] * 3]
    twins = [*windows, *(f"gatewayd_ext.reference_{name}" for name in ("changes", "guard", "health"))]
    assert run(REPORT, GATEWAYD_NO_EXT="1").stdout.split() == twins


def test_a_missing_kernel_is_an_error_that_names_the_remedy():
    result = run(WITHOUT_KERNEL)
    assert result.returncode == 1
    assert "ImportError: the kernel gatewayd_ext.tally is not compiled; run `python setup.py build_ext" in result.stderr
    assert "GATEWAYD_NO_EXT=1" in result.stderr


def test_without_kernels_the_twins_still_run():
    assert run(WITHOUT_KERNEL, GATEWAYD_NO_EXT="1").returncode == 0


def test_every_kernel_has_a_stub():
    folder = Path(gatewayd_ext.__file__).parent
    kernels = {path.name.removesuffix(".abi3.so") for path in folder.glob("*.so")}
    assert kernels == {path.stem for path in folder.glob("*.pyi")}

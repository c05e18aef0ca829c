"""Build the kernels in ext/ and map the folders to import names; pyproject.toml has the rest."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, find_packages, setup

LIMITED_API = "0x030B0000"  # one wheel per architecture for Python 3.11 and later

FLAGS = [
    "-O3",
    "-g0",
    "-ffp-contract=off",  # no fused multiply-add: replay is bit for bit
    # Nobody reads errno after sqrt, nor the processor's flags for inexact and invalid, and with them few loops become
    # vectors. Results are the same with and without; -ffast-math would change them, and lose NaN.
    "-fno-math-errno",
    "-fno-trapping-math",
]

kernels = cythonize(
    [
        Extension(
            f"gatewayd_ext.{pyx.stem}",
            [str(pyx)],
            include_dirs=["ext/c", "ext/c/time", "ext/c/spectrum", "ext/c/streams"],
            depends=sorted(map(str, Path("ext/c").rglob("*.h"))),
            extra_compile_args=FLAGS,
            define_macros=[("Py_LIMITED_API", LIMITED_API), ("CYTHON_LIMITED_API", "1")],
            py_limited_api=True,
        )
        for pyx in sorted(Path("ext").glob("*.pyx"))
    ],
    build_dir="build/cython",
    include_path=["ext"],  # for the .pxd files, which only the compiler reads
    annotate="CYTHON_ANNOTATE" in os.environ,
    compiler_directives={"language_level": "3", "embedsignature": True},
)

setup(
    packages=[
        "gatewayd",
        *(f"gatewayd.{name}" for name in find_packages("gatewayd")),
        "gatewayd_ext",
        "gatewayd_plugins",
        *(f"gatewayd_plugins.{name}" for name in find_packages("plugins")),
    ],
    package_dir={"gatewayd": "gatewayd", "gatewayd_ext": "ext", "gatewayd_plugins": "plugins"},
    data_files=[
        ("lib/systemd/system", ["systemd/gatewayd.service"]),
        ("lib/sysusers.d", ["systemd/sysusers.d/gatewayd.conf"]),
        ("lib/tmpfiles.d", ["systemd/tmpfiles.d/gatewayd.conf"]),
    ],
    ext_modules=kernels,
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)

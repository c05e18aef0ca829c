"""The choice between compiled kernels and their NumPy twins, and what is said when there are none."""

import os

TWINS = os.environ.get("GATEWAYD_NO_EXT") == "1"
"""Whether the twins were asked for."""


def not_compiled(missing: ModuleNotFoundError) -> ImportError:
    """The error for a kernel that is missing."""
    return ImportError(
        f"the kernel {missing.name} is not compiled; run `python setup.py build_ext --inplace` in the source tree "
        "or install gatewayd again, or set GATEWAYD_NO_EXT=1 to run on the slow NumPy twins"
    )

"""Every test that asks for `kernels` runs twice: on the compiled ones and on their NumPy twins."""

from types import SimpleNamespace

import pytest

from gatewayd_ext import burst, guard, reference, reference_burst, reference_guard, sliding, tally, window

COMPILED = SimpleNamespace(
    __name__="compiled",
    Burst=burst.Burst,
    Guard=guard.Guard,
    Sliding=sliding.Sliding,
    Tally=tally.Tally,
    Window=window.Window,
)
TWINS = SimpleNamespace(
    __name__="twin",
    Burst=reference_burst.Burst,
    Guard=reference_guard.Guard,
    Sliding=reference.Sliding,
    Tally=reference.Tally,
    Window=reference.Window,
)


@pytest.fixture(params=[COMPILED, TWINS], ids=["compiled", "twin"])
def kernels(request):
    return request.param

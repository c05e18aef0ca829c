"""Every test that asks for `kernels` runs twice: on the compiled ones and on their NumPy twins."""

from types import SimpleNamespace

import pytest

from gatewayd_ext import burst, reference, tally, window

COMPILED = SimpleNamespace(
    __name__="compiled", Tally=tally.Tally, Window=window.Window, burst_features=burst.burst_features
)


@pytest.fixture(params=[COMPILED, reference], ids=["compiled", "twin"])
def kernels(request):
    return request.param

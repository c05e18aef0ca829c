"""The numeric kernels of the engine: compiled ones, or their NumPy twins when GATEWAYD_NO_EXT=1 asks for them."""

from typing import TYPE_CHECKING

from gatewayd_ext.choice import TWINS, not_compiled
from gatewayd_ext.terms import Term

if not TYPE_CHECKING and TWINS:
    from gatewayd_ext.reference import Sliding, Tally, Window
    from gatewayd_ext.reference_burst import Burst
else:
    try:
        from gatewayd_ext.burst import Burst
        from gatewayd_ext.sliding import Sliding
        from gatewayd_ext.tally import Tally
        from gatewayd_ext.window import Window
    except ModuleNotFoundError as missing:
        raise not_compiled(missing) from missing

__all__ = ["Burst", "Sliding", "Tally", "Term", "Window"]

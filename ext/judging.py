"""The kernels that judge, compiled or their NumPy twins: apart, because who computes features needs none of them."""

from typing import TYPE_CHECKING

from gatewayd_ext.choice import TWINS, not_compiled

if not TYPE_CHECKING and TWINS:
    from gatewayd_ext.reference_changes import Changes
    from gatewayd_ext.reference_guard import Guard
    from gatewayd_ext.reference_health import Health
else:
    try:
        from gatewayd_ext.changes import Changes
        from gatewayd_ext.guard import Guard
        from gatewayd_ext.health import Health
    except ModuleNotFoundError as missing:
        raise not_compiled(missing) from missing

__all__ = ["Changes", "Guard", "Health"]

"""The kernels that judge, compiled ones or their NumPy twins: apart, because who computes features needs none of them."""

import os
from typing import TYPE_CHECKING

if not TYPE_CHECKING and os.environ.get("GATEWAYD_NO_EXT") == "1":
    from gatewayd_ext.reference_changes import Changes
    from gatewayd_ext.reference_guard import Guard
    from gatewayd_ext.reference_health import Health
else:
    from gatewayd_ext.changes import Changes
    from gatewayd_ext.guard import Guard
    from gatewayd_ext.health import Health

__all__ = ["Changes", "Guard", "Health"]

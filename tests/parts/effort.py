"""How much a campaign does: minutes of work, or with GATEWAYD_CAMPAIGN=brief seconds of it."""

import os

BRIEF = os.environ.get("GATEWAYD_CAMPAIGN") == "brief"


def effort(full, brief):
    """One of two sizes."""
    return brief if BRIEF else full

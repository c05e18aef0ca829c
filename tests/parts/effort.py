"""How much a campaign does: minutes of work, or with GATEWAYD_CAMPAIGN=brief seconds of it; and what only it does."""

import os

import pytest

BRIEF = os.environ.get("GATEWAYD_CAMPAIGN") == "brief"


def effort(full, brief):
    """One of two sizes."""
    return brief if BRIEF else full


def campaign(*values):
    """Values of a parameter that are tried in campaigns only; several parameters have tuples of them."""
    several = (value if isinstance(value, tuple) else (value,) for value in values)
    return [pytest.param(*each, marks=pytest.mark.campaign) for each in several]

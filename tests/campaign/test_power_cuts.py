"""Power cuts at thousands of moments: what the outbox gave and nobody acknowledged is there, under the same number."""

import random

import pytest
from effort import effort
from power_cuts import Cuts, recorded

pytestmark = pytest.mark.campaign

OUTPUTS = effort(300, 60)
STATES = effort(5000, 400)
KEPT = (0.0, 0.2, 0.5, 0.8, 1.0)
"""Shares of what is not surely on the disk that a cut leaves there."""


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return recorded(tmp_path_factory.mktemp("history"), OUTPUTS)


def test_no_power_cut_loses_what_was_given_and_not_acknowledged(history, tmp_path, note):
    dice = random.Random(23)
    cuts = Cuts(tmp_path, dice)
    moments = set(dice.sample(range(len(history)), min(len(history), STATES // len(KEPT))))
    for number, event in enumerate(history):
        cuts.see(event)
        if number in moments:
            for kept in KEPT:
                cuts.cut(kept)
    assert cuts.states >= STATES
    assert len(cuts.told.rows) > OUTPUTS
    assert cuts.told.acked
    note(f"{cuts.states} crash states, {len(cuts.told.rows)} rows given, {len(cuts.told.acked)} acknowledged, 0 lost")


def test_a_disk_that_forgets_what_was_synced_is_noticed(history, tmp_path):
    """So the test above can fail."""
    cuts = Cuts(tmp_path, random.Random(23))
    for event in history:
        if event[0] != "sync":
            cuts.see(event)
    with pytest.raises(AssertionError):
        cuts.cut(0.5)

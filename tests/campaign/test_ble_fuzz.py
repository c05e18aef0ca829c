"""Atheris looks for advertisements that crash a decoder or a listener, or give a value that was never sent."""

import pytest
from effort import effort
from fuzzed import fuzzed, needs_atheris

pytestmark = [pytest.mark.campaign, needs_atheris]

RUNS = effort(100_000, 5_000)


def test_no_advertisement_is_more_than_it_is(tmp_path, note):
    tried, branches = fuzzed("fuzz_advertisements.py", RUNS, 300, tmp_path)
    note(f"{tried} advertisements, {branches} branches of the decoders reached")


def test_no_burst_is_made_of_others(tmp_path, note):
    tried, branches = fuzzed("fuzz_bursts.py", RUNS, 200, tmp_path)
    note(f"{tried} sequences of packets, {branches} branches reached")

"""Atheris looks for replies that crash the Modbus plugin, hang it, or give a value that was never sent."""

import pytest
from effort import effort
from fuzzed import fuzzed, needs_atheris

pytestmark = [pytest.mark.campaign, needs_atheris]

RUNS = effort(100_000, 2_000)


def test_no_reply_is_more_than_it_is(tmp_path, note):
    tried, branches = fuzzed("fuzz_modbus_replies.py", RUNS, 700, tmp_path)
    note(f"{tried} inputs, {branches} branches of the plugin and pymodbus reached")

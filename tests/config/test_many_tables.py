"""How much work there is in a config of many tables: each one more costs as much as the one before."""

from pathlib import Path

import pytest
from config_files import HEAD, write
from counted_work import instructions

from gatewayd.config import load
from gatewayd.config.draft import Draft
from gatewayd.config.features.bearings import BearingTables
from gatewayd.config.findings import Place
from gatewayd.config.trials import TrialTables
from gatewayd.engine.engine import Engine
from gatewayd.errors import ConfigError

RIGHT = """\
[sources.pump{n:03}]
plugin = "simulator"
burst = "10s"
[features.f{n:03}]
channels = ["pump{n:03}.pr*", "pump{n:03}.flow"]
window = "60s"
compute = ["rms"]
[bearings.b{n:03}]
channel = "pump{n:03}.acceleration"
shaft = "1480rpm"
type = "6205"
[sensors.s{n:03}]
channels = ["pump{n:03}.*"]
[calculated.c{n:03}]
formula = "pump{n:03}.flow + 1"
[totals.t{n:03}]
channel = "pump{n:03}.flow"
counter = true
[assets.a{n:03}]
sources = ["pump{n:03}"]
running = "pump{n:03}.running"
[models.m{n:03}]
channels = ["pump{n:03}.p*"]
learn = "1d"
[forecasts.f{n:03}]
channel = "pump{n:03}.flow"
limit = 5
over = "30d"
[rules.r{n:03}]
channel = "pump{n:03}.flow"
above = 1
while = "pump{n:03}.running"
"""
WRONG = """\
[sources.pump{n:03}]
plugin = "simulator"
none = 1
[models.m{n:03}]
channels = ["pump{n:03}.p*"]
learn = "1d"
"""
LOST = """\
[sources.pump{n:03}]
plugin = "absent"
[features.f{n:03}]
channels = ["pump{n:03}.*"]
compute = ["rms"]
"""


def attempt(path):
    """Load what is wrong."""
    try:
        load(path)
    except ConfigError:
        return


@pytest.mark.parametrize(
    ("tables", "read"), [(RIGHT, load), (WRONG, attempt), (LOST, attempt)], ids=["right", "wrong", "lost"]
)
def test_each_table_more_costs_as_much_as_the_one_before(tmp_path, tables, read):
    def costs(many):
        path = write(tmp_path, HEAD + "".join(tables.format(n=n) for n in range(many)))
        return instructions(lambda: read(path))

    costs(9)  # what is compiled or imported once
    few, some, most = costs(3), costs(6), costs(9)
    assert most - some < 1.005 * (some - few)


def test_each_table_more_costs_the_engine_as_much_as_the_one_before(tmp_path):
    def costs(many):
        plan = load(write(tmp_path, HEAD + "".join(RIGHT.format(n=n) for n in range(many)))).plan
        return instructions(lambda: Engine(plan, "boot"))

    costs(9)  # what is imported once
    few, some, most = costs(3), costs(6), costs(9)
    assert most - some < 1.005 * (some - few)


class Found(dict):
    """Names that are looked up, never looked through or copied."""

    def _refuse(self, *_):
        raise AssertionError("all names are looked through")

    __iter__ = __or__ = __ror__ = keys = values = items = copy = _refuse


def test_nothing_is_looked_through_for_one_name():
    draft = Draft()
    draft.names.numbers = draft.gone = Found()
    BearingTables(draft).add("b", {}, Place())
    assert draft.faulty == {"bearing.b"}


def test_no_rule_is_looked_through_for_what_a_test_expects():
    place = Place()
    TrialTables(Path(), Found(hot=0)).add("t", {"recording": "it.gwrec", "expect": ["hot at 60s"]}, place)
    assert place.findings == []

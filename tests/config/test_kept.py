"""What stays on the gateway: how much disk the record and evidence may take, and for how long."""

import pytest
from config_files import BASE, loaded, problems

SIZE = '"0MB" for none, or a size from "1MB" to "1000GB"'

WRONG = {
    "a record that is too small": ('[record]\nmax_size = "100kB"\n', f"max_size: expected {SIZE}, got text"),
    "a record without a unit": ("[record]\nmax_size = 500\n", "got 500"),
    "no evidence": ('[evidence]\nmax_size = "0MB"\n', 'expected a size from "1MB" to "1000GB", got text "0MB"'),
    "evidence of a day": ('[evidence]\nbefore = "1d"\n', 'before: expected a duration from "0s" to "1h"'),
    "a key that is meant otherwise": (
        '[evidence]\nafer = "1s"\n',
        'unknown key "afer" in [evidence]; did you mean "after"?',
    ),
    "a table that is meant otherwise": ('[records]\nmax_size = "1GB"\n', "did you mean [record]?"),
}


@pytest.mark.parametrize(("table", "complaint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(tmp_path, table, complaint):
    found = problems(tmp_path, BASE + table)
    assert complaint in str(found)


def test_nothing_is_recorded_by_default_and_evidence_is_kept(tmp_path):
    settings = loaded(tmp_path, BASE).settings
    assert settings.record.max_size == 0
    assert settings.evidence.max_size == 16_000_000
    assert (settings.evidence.before, settings.evidence.after) == (60.0, 30.0)


def test_sizes_have_units(tmp_path):
    text = BASE + '[record]\nmax_size = "500MB"\n[evidence]\nmax_size = "1GiB"\n'
    settings = loaded(tmp_path, text).settings
    assert (settings.record.max_size, settings.evidence.max_size) == (500_000_000, 2**30)


def test_each_source_is_an_asset_unless_it_is_part_of_one(tmp_path):
    text = BASE + '[sources.motor1]\nplugin = "simulator"\n[sources.fan]\nplugin = "simulator"\n'
    assets = '[assets.unit]\nsources = ["pump1", "motor1"]\n'
    assert loaded(tmp_path, text).assets == {"pump1": ("pump1",), "motor1": ("motor1",), "fan": ("fan",)}
    assert loaded(tmp_path, text + assets).assets == {"unit": ("pump1", "motor1"), "fan": ("fan",)}

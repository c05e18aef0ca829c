"""What may be meant is proposed, whatever is misspelt, even when what is meant has faults of its own."""

import pytest
from config_files import BASE, problems

FAULTY = {
    "a formula": ('[calculated.lift]\nformula = "pump1.flw"\n', "calculated.lift", "calculated.lft"),
    "a model": ('[models.unit]\nchannels = ["pump1.*"]\nlearn = "1s"\n', "health.unit", "helth.unit"),
    "a total": ('[totals.energy]\nchannel = "pump1.powr"\n', "total.energy", "total.enrgy"),
}


@pytest.mark.parametrize(("table", "meant", "written"), FAULTY.values(), ids=FAULTY)
def test_a_channel_whose_table_is_wrong_may_be_meant(tmp_path, table, meant, written):
    rule = f'[rules.r]\nchannel = "{written}"\nabove = 1\n'
    assert f'unknown channel "{written}"; did you mean "{meant}"?' in "\n".join(problems(tmp_path, BASE + table + rule))

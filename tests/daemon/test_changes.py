"""What another config changes, and what goes on."""

import pytest
from config_files import BASE, HEAD, SOURCE, loaded

from gatewayd.daemon.changes import Change, How, changes

RULE = '[rules.high]\nchannel = "pump1.pressure"\nabove = 5.0\n'
FEATURE = '[features.f]\nchannels = ["pump1.pressure"]\nwindow = "10s"\nevery = "5s"\ncompute = ["std"]\n'
MODEL = '[models.m]\nchannels = ["pump1.pressure", "pump1.flow"]\nlearn = "1h"\n'
SECOND = SOURCE.replace("pump1", "pump2")
ALL = BASE + RULE + FEATURE + MODEL


def compared(folder, before, after):
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    return changes(loaded(folder / "a", before), loaded(folder / "b", after))


def test_the_same_config_again_changes_nothing(tmp_path):
    found = compared(tmp_path, ALL, ALL)
    assert found.none
    assert found.kept == {"pump1"}


def test_a_comment_and_another_order_of_tables_change_nothing_that_is_told(tmp_path):
    found = compared(tmp_path, BASE + SECOND + RULE, f"# a word\n{HEAD}{RULE}{SECOND}{SOURCE}")
    assert not found.tables
    assert not found.anew
    assert found.kept == {"pump1", "pump2"}


def test_a_limit_is_shown_with_its_old_and_its_new_value_and_ends_the_alarm_of_its_rule_only(tmp_path):
    other = RULE.replace("high", "other")
    found = compared(tmp_path, ALL + other, ALL.replace("5.0", "6.0") + other)
    assert found.tables == (Change("rules.high", How.CHANGED, ("above: 5.0 -> 6.0",)),)
    assert found.anew == ("rule high judges anew; an alarm of it is cleared",)
    assert found.kept == {"pump1"}
    assert (found.judging, found.uplink, found.everything) == (True, False, False)


def test_another_text_of_a_rule_ends_no_alarm(tmp_path):
    found = compared(tmp_path, ALL, ALL.replace("above = 5.0", 'above = 5.0\ntext = "call Jan"'))
    assert (found.judging, found.anew) == (True, ())


def test_tables_come_and_go(tmp_path):
    found = compared(tmp_path, BASE + RULE, BASE + SECOND)
    assert found.tables == (Change("sources.pump2", How.ADDED), Change("rules.high", How.REMOVED))
    assert found.kept == {"pump1"}


def test_a_source_that_is_written_anew_is_not_kept_and_what_depends_on_its_interval_begins_anew(tmp_path):
    found = compared(tmp_path, ALL + SECOND, ALL.replace("[rules", 'interval = "2s"\n[rules', 1) + SECOND)
    assert [change.keys for change in found.tables] == [('interval: "1s" -> "2s"',)]
    assert found.kept == {"pump2"}
    assert "window pump1.pressure.std fills anew" in found.anew
    assert not any("model" in each for each in found.anew), "it learns from the same channels"


def test_a_model_that_learns_otherwise_learns_anew(tmp_path):
    found = compared(tmp_path, ALL, ALL.replace("1h", "2h"))
    assert found.anew == ("model m learns anew",)


def test_another_broker_touches_nothing_else(tmp_path):
    found = compared(tmp_path, ALL, ALL.replace("127.0.0.1", "127.0.0.2"))
    assert (found.uplink, found.judging, found.everything) == (True, False, False)
    assert found.tables[0].effect == "the broker is connected anew"


@pytest.mark.parametrize("more", ['state_dir = "elsewhere"'])
def test_another_state_folder_is_another_gateway(tmp_path, more):
    found = compared(tmp_path, ALL, ALL.replace("[mqtt]", f"{more}\n[mqtt]"))
    assert found.everything


def test_what_may_be_a_secret_is_not_shown(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    text = ALL.replace("[sources", 'username = "u"\npassword_file = "p"\n[sources', 1)
    for folder, word in (("a", "hush"), ("b", "quiet")):
        (tmp_path / folder / "p").write_text(word)
        (tmp_path / folder / "p").chmod(0o600)
    found = changes(loaded(tmp_path / "a", text), loaded(tmp_path / "b", text))
    assert found.uplink
    assert not any(word in str(found) for word in ("hush", "quiet"))


def test_a_source_whose_key_is_another_one_now_is_not_kept(tmp_path):
    text = HEAD + '[sources.hive]\nplugin = "ble"\naddress = "AA:BB:CC:DD:EE:FF"\nformat = "bthome"\n'
    text += 'key_file = "hive.key"\nchannels = ["temperature"]\n'
    key = tmp_path / "hive.key"
    key.write_text("231d39c1d7cc1ab1aee224cd096db932")
    key.chmod(0o600)
    before, same = loaded(tmp_path, text), loaded(tmp_path, text)
    assert changes(before, same).kept == {"hive"}
    key.write_text("331d39c1d7cc1ab1aee224cd096db932 ")
    found = changes(before, loaded(tmp_path, text))
    assert (found.kept, found.judging) == (frozenset(), False)


def test_the_present_summary_of_a_source_goes_on_unless_one_of_its_channels_is_another_one(tmp_path):
    other = RULE.replace("high", "other") + FEATURE.replace("features.f", "features.g").replace("pressure", "flow")
    assert compared(tmp_path, ALL, ALL.replace("above = 5.0", "above = 6.0") + other + SECOND).going_on >= {"pump1"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('window = "10s"', 'window = "20s"', id="a feature that is computed in another way"),
        pytest.param(FEATURE, "", id="a feature that is gone"),
        pytest.param("[rules", 'interval = "2s"\n[rules', id="a source that is polled in another way"),
    ],
)
def test_else_it_ends(tmp_path, before, after):
    assert "pump1" not in compared(tmp_path, ALL, ALL.replace(before, after, 1)).going_on


@pytest.mark.parametrize(("factor", "goes_on"), [("10", True), ("11", False)])
def test_a_formula_is_in_the_summary_of_its_first_source_and_must_be_the_same(tmp_path, factor, goes_on):
    before, after = (f'[calculated.head]\nformula = "pump1.pressure * {each}"\n' for each in ("10", factor))
    found = compared(tmp_path, ALL + before, ALL.replace("5.0", "6.0") + after)
    assert ("pump1" in found.going_on) is goes_on


def test_another_size_of_the_outbox_concerns_nothing_else(tmp_path):
    found = compared(tmp_path, ALL, ALL + '[outbox]\nmax_size = "2MB"\n')
    assert found.tables == (Change("outbox", How.CHANGED, ('max_size: "64000000" -> "2000000"',), "it is resized"),)
    assert (found.uplink, found.judging, found.everything) == (False, False, False)

"""Explaining: where channels come from, and what becomes of them."""

from pathlib import Path

import pytest
from config_files import BASE, load, loaded, write

from gatewayd.config.text.whereabouts import Whereabouts
from gatewayd.explain import Lineage, UnknownNameError, lines
from gatewayd.records import AlarmKind

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))

SITE = (
    BASE
    + """
burst = "10s"
[features.vibration]
channels = ["pump1.vibration"]
window = "10s"
every = "5s"
compute = ["rms", "kurtosis", "cycles.largest"]
[features.waves]
channels = ["pump1.acceleration"]
compute = ["order_rms(1)"]
shaft = "48.5Hz"
[bearings.drive_end]
channel = "pump1.acceleration"
shaft = "2910rpm"
type = "6205"
[sensors.pump1]
channels = ["pump1.pressure"]
range = [0, 10]
[calculated.per_watt]
formula = "pump1.flow / pump1.power"
[totals.energy]
channel = "pump1.power"
per = "1h"
[assets.pump1]
running = "pump1.running"
[models.pump1]
channels = ["pump1.vibration.rms", "calculated.per_watt"]
learn = "24h"
while = "pump1.running"
by = "pump1.flow"
bins = [50, 100]
[forecasts.wear]
channel = "pump1.vibration.rms"
limit = 7.1
[rules.unwell]
channel = "health.pump1"
above = 1
for = "1m"
severity = "critical"
text = "Look at it."
[rules.dry]
channel = "pump1.flow"
below = 20
while = "not asset.pump1.maintenance"
[readings]
channels = ["pump1.pressure"]
"""
)


@pytest.fixture(scope="module")
def lineage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    config = loaded(folder, SITE)
    assert config.problems == ()
    return Lineage(config, Whereabouts(folder / "gatewayd.toml").of)


def back(told):
    """The tables that a channel comes from, without repetition."""
    if not told:
        return []
    found = [told["table"]]
    for each in told["reads"]:
        found += [table for table in back(each.get("from")) if table not in found]
    return found


def on(tables):
    found = []
    for told in tables:
        found.append(told["table"])
        for each in told["gives"]:
            found += on(each.get("to", []))
    return list(dict.fromkeys(found))


def test_a_health_score_comes_from_its_model_and_all_that_the_model_looks_at(lineage):
    told = lineage.of("health.pump1")
    tables = {"[models.pump1]", "[features.vibration]", "[sources.pump1]", "[calculated.per_watt]"}
    assert set(back(told["from"])) == tables
    roles = {each["channel"]: each.get("as") for each in told["from"]["reads"]}
    assert roles["pump1.vibration.rms"] is None
    assert roles["pump1.flow"] == "by its bins"
    assert roles["pump1.running"] == "while it is not 0"
    assert on(told["to"]) == ["[rules.unwell]", "[summary]"]


def test_a_reading_goes_through_everything_to_the_rule_that_judges_the_model(lineage):
    told = lineage.of("pump1.vibration")
    assert on(told["to"]) == [
        *("[features.vibration]", "[models.pump1]", "[rules.unwell]", "[forecasts.wear]"),
        "[summary]",
    ]


def test_the_check_of_a_sensor_comes_first_and_its_alarm_is_told(lineage):
    check, *others = lineage.of("pump1.pressure")["to"]
    assert (check["table"], check["how"]) == (
        "[sensors.pump1]",
        "checked first: range 0 to 10, stuck, jumps, dropouts above 20%, mount",
    )
    (fault,) = check["gives"]
    assert fault["channel"] == "pump1.pressure.fault"
    assert [each["table"] for each in fault["to"]] == ["[sensors.pump1]"]
    assert [each["table"] for each in others] == ["[readings]", "[summary]"]


def test_what_a_channel_is_only_a_condition_of_is_told_as_that(lineage):
    told = lineage.of("asset.pump1.maintenance")
    assert [(each["table"], each["as"]) for each in told["to"][:1]] == [("[rules.dry]", "while it is 0")]


def test_features_of_plugins_and_bearings_are_told_with_their_tables(lineage):
    assert lineage.of("pump1.vibration.cycles.largest")["from"]["table"] == "[features.vibration]"
    assert lineage.of("bearing.drive_end.score")["from"]["table"] == "[bearings.drive_end]"
    tables = [each["table"] for each in lineage.of("pump1.acceleration")["to"]]
    assert tables == ["[features.waves]", "[bearings.drive_end]"]


def test_every_channel_is_explained_back_to_a_source(lineage):
    for channel in lineage._channels:
        assert back(lineage.of(channel.name)["from"])[-1:] != []
        assert "[sources.pump1]" in back(lineage.of(channel.name)["from"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_channel_of_the_examples_is_explained(path):
    config = load(path, offline=True)
    lineage = Lineage(config, Whereabouts(path).of)
    for channel in config.plan.channels:
        told = lineage.of(channel.name)
        assert told["from"]["at"]
        assert list(lines(told))
    rules = {rule.name for rule in config.plan.rules if rule.kind is AlarmKind.MACHINE}
    judged = "".join(line for channel in config.plan.channels for line in lines(lineage.of(channel.name)))
    assert {rule for rule in rules if f"[rules.{rule}]" not in judged} == set()


def test_a_feature_may_be_written_in_another_way(lineage):
    assert lineage.of("pump1.acceleration.order_rms( 1.0 )")["channel"] == "pump1.acceleration.order_rms(1)"


def test_an_unknown_channel_is_told_with_what_may_be_meant(lineage):
    with pytest.raises(UnknownNameError, match=r'nothing is called "pump1.presure"; did you mean "pump1.pressure"\?'):
        lineage.of("pump1.presure")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("modles.pump1", "models.pump1"),
        ("unwel", "unwell"),
        ("rule.dry", "rules.dry"),
        ("DRY", "dry"),
        ("wear ", "wear"),
    ],
)
def test_an_unknown_table_is_told_with_what_may_be_meant(lineage, wrong, right):
    with pytest.raises(UnknownNameError, match=f'did you mean "{right}"'):
        lineage.of(wrong)


def test_where_nothing_is_alike_some_of_all_are_named(lineage):
    with pytest.raises(
        UnknownNameError, match=r'nothing is called "xyz"; known are: "asset.pump1.maintenance", .*\.\.\.'
    ):
        lineage.of("xyz")


@pytest.mark.parametrize("name", ["models.pump1", "[models.pump1]"])
def test_a_table_is_told_with_all_that_it_reads_and_gives(lineage, name):
    (told,) = lineage.of(name)["tables"]
    assert told["table"] == "[models.pump1]"
    assert told["at"].startswith("gatewayd.toml:")
    assert told["how"].startswith("how healthy it is, by ")
    roles = {each["channel"]: each.get("as") for each in told["reads"]}
    assert roles["pump1.vibration.rms"] is None
    assert roles["pump1.flow"] == "by its bins"
    tables = [table for each in told["reads"] for table in back(each.get("from"))]
    assert {"[features.vibration]", "[calculated.per_watt]", "[sources.pump1]"} == set(tables)
    assert [each["channel"] for each in told["gives"]] == ["health.pump1", "health.pump1.change"]
    assert on(told["gives"][0]["to"]) == ["[rules.unwell]"]


def test_a_name_without_its_section_stands_for_all_tables_of_that_name(lineage):
    assert [each["table"] for each in lineage.of("unwell")["tables"]] == ["[rules.unwell]"]
    tables = ["[sources.pump1]", "[sensors.pump1]", "[assets.pump1]", "[models.pump1]"]
    assert sorted(each["table"] for each in lineage.of("pump1")["tables"]) == sorted(tables)


def test_a_source_gives_its_channels_and_reads_none(lineage):
    (told,) = lineage.of("sources.pump1")["tables"]
    assert told["reads"] == []
    assert {"pump1.pressure", "pump1.acceleration"} <= {each["channel"] for each in told["gives"]}
    assert "[rules.unwell]" in on([told])
    text = "\n".join(lines({"tables": [told]}))
    assert text.startswith("[sources.pump1] gatewayd.toml:5: simulator")
    assert "comes from" not in text
    assert "\n\ngoes to\n  pump1." in text


def test_a_rule_reads_and_gives_nothing(lineage):
    text = "\n".join(lines(lineage.of("dry")))
    assert text.startswith("[rules.dry] gatewayd.toml:")
    assert "below 20\n\ncomes from\n  pump1.flow, in l/min\n    [sources.pump1] " in text
    assert "\n  (while it is 0) asset.pump1.maintenance" in text
    assert "goes to" not in text


def test_several_tables_are_told_one_after_the_other(lineage):
    text = "\n".join(lines(lineage.of("pump1")))
    assert text.count("\n\n[") == 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_table_of_the_examples_is_explained(path):
    config = load(path, offline=True)
    lineage = Lineage(config, Whereabouts(path).of)
    polled = {group.source for group in config.plan.groups}
    settings = config.settings
    for section in ("features", "models", "rules", "bearings", "calculated", "totals", "forecasts", "assets"):
        for name in getattr(settings, section):
            if config.plan.channels:  # else a recording brings them
                assert lineage.of(f"{section}.{name}")["tables"][0]["at"]
    for source in polled:
        assert list(lines(lineage.of(source)))


def test_tables_are_told_with_file_and_line(lineage, tmp_path):
    line = SITE.split("\n").index("[models.pump1]") + 1
    assert lineage.of("health.pump1")["from"]["at"] == f"gatewayd.toml:{line}"
    path = write(tmp_path, BASE)
    write(tmp_path, '\n[rules.r]\nchannel = "pump1.flow"\nbelow = 1\n', "conf.d/r.toml")
    assert Whereabouts(path).of("[rules.r]") == "conf.d/r.toml:2"
    assert Whereabouts(path).of("[summary]") == ""


def test_it_reads_like_a_table_of_contents(lineage):
    text = "\n".join(lines(lineage.of("health.pump1")))
    assert text.startswith("health.pump1, in 1\n\ncomes from\n  [models.pump1] gatewayd.toml:")
    assert "\n    pump1.vibration.rms, in m/s2\n      [features.vibration] gatewayd.toml:" in text
    assert "(by its bins) pump1.flow, in l/min: see above" in text
    assert text.split("goes to\n")[1].startswith("  [rules.unwell] gatewayd.toml:")
    assert "critical alarm when above 1 for 1m: Look at it." in text

"""Loading: what a right config becomes."""

import fake_plugins
import pytest
from config_files import BASE, HEAD, load, loaded, write
from fake_plugins import TWO_PACES

from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import Condition, PlannedAlarms, PlannedBurstFeatures, PlannedCut, PlannedReadings
from gatewayd.model import Kind
from gatewayd.records import Severity
from gatewayd_ext.terms import named
from gatewayd_plugins.simulator.demo.site import Site

SECOND = 1_000_000_000


def rule(folder, lines, channel="pump1.pressure"):
    (planned,) = loaded(folder, BASE + f'[rules.r]\nchannel = "{channel}"\n{lines}\n').plan.rules
    return planned


def test_ten_lines_make_a_gateway_with_sensible_defaults(tmp_path):
    config = loaded(tmp_path, BASE)
    settings = config.settings
    assert (settings.gateway.id, settings.gateway.state_dir) == ("test", None)
    assert (settings.mqtt.protocol, settings.mqtt.prefix, settings.mqtt.password) == ("5", "gatewayd", None)
    assert (settings.outbox.max_size, settings.summary.every, settings.readings.channels) == (64_000_000, 60.0, ())
    assert settings.sources["pump1"].interval == 1.0
    assert config.plan.summary_every == 60 * SECOND
    assert config.problems == ()


@pytest.mark.parametrize(
    ("written", "size"), [("1MiB", 2**20), ("1.5 MiB", 1_572_864), ("2GB", 2 * 10**9), ("2000 kB", 2 * 10**6)]
)
def test_sizes_have_units(tmp_path, written, size):
    assert loaded(tmp_path, BASE + f'[outbox]\nmax_size = "{written}"\n').settings.outbox.max_size == size


def test_the_state_folder_is_relative_to_the_config(tmp_path, monkeypatch):
    path = write(tmp_path, BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]'))
    monkeypatch.chdir(tmp_path)
    assert load(path.relative_to(tmp_path)).settings.gateway.state_dir == tmp_path / "state"


def test_the_digest_changes_with_the_settings_and_with_nothing_else(tmp_path):
    digest = loaded(tmp_path, BASE).digest
    assert loaded(tmp_path / "elsewhere", "# a comment\n" + BASE).digest == digest
    assert loaded(tmp_path, BASE + "seed = 2\n").digest != digest


def test_secret_options_of_plugins_are_not_in_the_digest(tmp_path, install):
    install(code=fake_plugins.TANK.replace("waves: bool", "api_token: str = ''\n    waves: bool"))
    tank = BASE + '[sources.tank]\nplugin = "tank"\nhost = "h"\napi_token = "{}"\n'
    assert loaded(tmp_path, tank.format("a")).digest == loaded(tmp_path, tank.format("b")).digest


def test_only_leaves_are_secret_whatever_tables_are_called(tmp_path, install):
    install()
    bare = loaded(tmp_path, BASE).digest
    tank = BASE + '[sources.token_ring]\nplugin = "tank"\nhost = "h"\nprobes.secret = {{ depth = {} }}\n'
    rule = BASE + '[rules.password_expired]\nchannel = "pump1.flow"\nabove = {}\n'
    digests = {loaded(tmp_path, text.format(number)).digest for text in (tank, rule) for number in (1, 2)}
    assert len(digests | {bare}) == 5


def test_channels_are_numbered_by_source_and_grouped_by_poll(tmp_path, install):
    install("mixed", TWO_PACES)
    config = loaded(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n[sources.b]\nplugin = "mixed"\ninterval = "5s"\n')
    assert [channel.name for channel in config.plan.channels] == [
        "a.slow", "a.fast", "a.fast2", "b.slow", "b.fast", "b.fast2",
    ]  # fmt: skip
    assert [(group.source, group.channels, group.interval) for group in config.plan.groups] == [
        ("a", (2, 1), SECOND // 10),
        ("a", (0,), SECOND),
        ("b", (5, 4), SECOND // 10),
        ("b", (3,), 5 * SECOND),
    ]
    source = config.sources["b"]
    assert (source.name, source.plugin, source.groups) == ("b", "mixed", (2, 3))
    assert [poll.channels for poll in source.polls] == [("fast2", "fast"), ("slow",)]


def test_waveforms_are_in_the_group_of_their_poll(tmp_path):
    plan = loaded(tmp_path, BASE + 'burst = "10s"\n').plan
    assert plan.channels[6].kind is Kind.WAVEFORM
    assert (plan.groups[1].channels, plan.groups[1].interval) == ((6,), 10 * SECOND)


def test_options_are_handed_to_the_plugin_as_its_types_want_them(tmp_path, install):
    install()
    tank = '[sources.tank]\nplugin = "tank"\nhost = "h"\ntimeout = "2s"\nnames = ["a"]\n'
    tank += 'probes.x = { depth = 3, label = "l" }\n'
    source = loaded(tmp_path, BASE + tank).sources["tank"].source
    assert (source.host, source.port, source.timeout, source.names) == ("h", 4001, 2.0, ("a",))
    assert (source.probes["x"].depth, source.probes["x"].label) == (3, "l")


def test_the_interval_is_not_an_option_of_the_plugin(tmp_path):
    config = loaded(tmp_path, BASE + 'interval = "250ms"\n')
    assert config.sources["pump1"].polls[0].interval == 0.25
    assert config.settings.sources["pump1"].options == {}


def test_a_source_without_options_need_not_be_a_dataclass(tmp_path, install):
    install("bare", TWO_PACES.replace("@dataclass\n", "").replace('"mixed"', '"bare"'))
    assert "a" in loaded(tmp_path, HEAD + '[sources.a]\nplugin = "bare"\n').sources


def test_a_pattern_over_several_groups_makes_a_window_of_each(tmp_path, install):
    install("mixed", TWO_PACES)
    text = HEAD + '[sources.a]\nplugin = "mixed"\n[features.f]\nchannels = ["a.*"]\nwindow = "10s"\nevery = "2s"\n'
    plan = loaded(tmp_path, text + 'compute = ["rms", "slope"]\n').plan
    assert {window.group: window.columns for window in plan.windows} == {0: (1, 0), 1: (0,)}
    for window in plan.windows:
        assert (window.name, window.span, window.samples, window.every) == ("f", 10 * SECOND, 0, 2 * SECOND)
        assert window.terms == named("rms", "slope")
        for column, row in zip(window.columns, window.outputs, strict=True):
            origin = plan.channels[plan.groups[window.group].channels[column]].name
            assert [plan.channels[number].name for number in row] == [f"{origin}.rms", f"{origin}.slope"]


def test_derived_channels_have_the_units_of_what_they_are(tmp_path):
    features = ["mean", "std", "min", "max", "rms", "peak_to_peak", "crest_factor", "kurtosis", "slope"]
    text = BASE + f'[features.f]\nchannels = ["pump1.pressure", "pump1.running"]\nwindow = 10\ncompute = {features}\n'
    units = {channel.name: channel.unit for channel in loaded(tmp_path, text).plan.channels if channel.derived}
    assert [units[f"pump1.pressure.{feature}"] for feature in features] == [*["bar"] * 6, "1", "1", "bar/s"]
    assert units["pump1.running.slope"] == "1/s"


def test_a_window_of_values_hops_by_half_of_them_unless_told(tmp_path):
    text = BASE + '[features.f]\nchannels = ["pump1.flow"]\nwindow = 100\ncompute = ["rms"]\n'
    (window,) = loaded(tmp_path, text).plan.windows
    assert (window.span, window.samples, window.every) == (0, 100, 50 * SECOND)


def test_a_table_of_both_kinds_makes_windows_of_both(tmp_path):
    text = (
        BASE
        + 'burst = "10s"\n[features.f]\nchannels = ["*.acc*", "pump1.flow"]\nwindow = "1m"\ncompute = ["kurtosis"]\n'
    )
    plan = loaded(tmp_path, text).plan
    (window,), (burst,) = plan.windows, plan.bursts
    cut = PlannedCut(span=60 * SECOND)
    assert burst == PlannedBurstFeatures("f", 6, named("kurtosis"), burst.outputs, cut)
    assert plan.channels[burst.outputs[0]].name == "pump1.acceleration.kurtosis"
    assert plan.channels[window.outputs[0][0]].name == "pump1.flow.kurtosis"


def test_overlapping_patterns_of_one_table_are_one_channel(tmp_path):
    text = BASE + '[features.f]\nchannels = ["pump1.f*", "pump1.flow"]\nwindow = "1m"\ncompute = ["rms"]\n'
    assert sum(channel.derived for channel in loaded(tmp_path, text).plan.channels) == 1


@pytest.mark.parametrize(
    ("lines", "condition", "limits", "span"),
    [
        ("above = 6", Condition.ABOVE, (float("-inf"), 6.0), 0),
        ("below = 1.5", Condition.BELOW, (1.5, float("inf")), 0),
        ("outside = [1, 6.5]", Condition.OUTSIDE, (1.0, 6.5), 0),
        ("rate_above = 0.5", Condition.RATE, (float("-inf"), 0.5), 10 * SECOND),
        ('rate_above = 0.5\nover = "1m"', Condition.RATE, (float("-inf"), 0.5), 60 * SECOND),
        ('stale = "30s"', Condition.STALE, (float("-inf"), float("inf")), 30 * SECOND),
        ('flat = "10m"\ndeadband = 0.1', Condition.FLAT, (float("-inf"), float("inf")), 600 * SECOND),
    ],
)
def test_each_condition_is_planned_with_its_limits_and_span(tmp_path, lines, condition, limits, span):
    planned = rule(tmp_path, lines)
    assert (planned.condition, (planned.low, planned.high), planned.span) == (condition, limits, span)


def test_a_rule_keeps_all_that_it_says(tmp_path):
    lines = 'above = 6\ndeadband = 0.3\nfor = "10s"\noff_delay = "1m"\nwhile = "pump1.running"'
    lines += '\nseverity = "critical"\ntext = "t"\nlatch = true'
    planned = rule(tmp_path, lines)
    assert (planned.name, planned.channel, planned.gate, planned.deadband) == ("r", 0, 5, 0.3)
    assert (planned.on_delay, planned.off_delay) == (10 * SECOND, 60 * SECOND)
    assert (planned.severity, planned.text, planned.latch) == (Severity.CRITICAL, "t", True)
    assert (planned.inverted, planned.group, planned.asset) == (False, "", "pump1")


def test_a_rule_may_be_judged_while_a_channel_is_0(tmp_path):
    planned = rule(tmp_path, 'above = 6\nwhile = "not pump1.running"')
    assert (planned.gate, planned.inverted) == (5, True)


def test_rules_of_a_group_know_it(tmp_path):
    text = "".join(
        f'[rules.{name}]\nchannel = "pump1.{name}"\nbelow = 1\ngroup = "suction"\n' for name in ("flow", "pressure")
    )
    assert [rule.group for rule in loaded(tmp_path, BASE + text).plan.rules] == ["suction", "suction"]


def test_a_rule_belongs_to_the_asset_of_its_source(tmp_path):
    text = BASE + '[assets.station]\nsources = ["pump1"]\n[rules.r]\nchannel = "pump1.flow"\nbelow = 1\n'
    (planned,) = loaded(tmp_path, text).plan.rules
    assert planned.asset == "station"


def test_a_rule_may_follow_the_state_of_its_machine(tmp_path):
    text = BASE + '[assets.station]\nsources = ["pump1"]\nrunning = "pump1.running"\n'
    text += '[rules.r]\nchannel = "pump1.flow"\nbelow = 1\nwhile = "asset.station.steady"\n'
    plan = loaded(tmp_path, text).plan
    assert plan.channels[plan.rules[0].gate].name == "asset.station.steady"


def test_the_limit_of_a_flood_is_planned(tmp_path):
    assert loaded(tmp_path, BASE).plan.alarms == PlannedAlarms(20, 600 * SECOND)
    assert loaded(tmp_path, BASE + '[alarms]\nflood = 5\nwithin = "1m"\n').plan.alarms == PlannedAlarms(5, 60 * SECOND)


def test_readings_are_planned_by_group_and_leave_waveforms_out(tmp_path, install):
    install("mixed", TWO_PACES)
    text = (
        BASE
        + 'burst = "10s"\n[sources.a]\nplugin = "mixed"\n[readings]\nevery = "5s"\n'
        + 'channels = ["*.f*", "pump1.acceleration"]\n'
    )
    assert loaded(tmp_path, text).plan.readings == (
        PlannedReadings(0, (1,), 5 * SECOND),
        PlannedReadings(2, (0, 1), 5 * SECOND),
    )


def test_the_engine_takes_the_plan_of_the_demo(tmp_path):
    site = Site(tmp_path)
    site.write(modbus_port=502, mqtt_port=1883, seconds=60.0)
    config = load(site.config)
    assert config.problems == ()
    text = site.config.read_text()
    assert len(config.plan.rules) == text.count("[rules.") > 0
    assert len(config.plan.windows) == text.count("[features.") > 0
    Engine(config.plan, "boot")

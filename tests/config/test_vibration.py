"""Vibration: what right tables of features and bearings become."""

import fake_plugins
import numpy as np
import pytest
from config_files import BASE, loaded

from gatewayd.engine.plan import WHOLE, PlannedCut, PlannedShaft
from gatewayd.features.bearings.geometry import Geometry
from gatewayd.features.bearings.types import TYPES
from gatewayd.features.severity import LIMITS
from gatewayd.model import Request
from gatewayd_ext.terms import Term

SECOND = 1_000_000_000
BURSTS = BASE + 'burst = "10s"\n'
ACCELERATION = "pump1.acceleration"
SLUDGE = """
from gatewayd.plugin import hookimpl


def sludge(window, depth: float = 1.0):
    return depth * window.values.mean() + (window.unit == "l/min")


@hookimpl
def register_features(register):
    register("sludge", sludge, unit="1")
    register("silt", lambda window: window.shaft)
"""


@pytest.fixture
def sludge(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path, "sludge", SLUDGE)


def features(folder, compute, *lines, channels='"pump1.acceleration"', before=""):
    table = f"[features.f]\nchannels = [{channels}]\ncompute = [{compute}]\n" + "".join(f"{line}\n" for line in lines)
    return loaded(folder, BURSTS + before + table)


def terms(folder, compute, *lines, **options):
    return list(features(folder, compute, *lines, **options).plan.bursts[0].terms)


# --- features ---------------------------------------------------------------------------------------------------------


def test_channels_are_named_by_the_one_spelling_of_their_feature_and_have_its_unit(tmp_path):
    compute = (
        '"band_rms(10,1e3)", " band_power( 10, 1000.0 ) ", "spectral_centroid", "velocity_rms", "percentile(99.5)"'
    )
    plan = features(tmp_path, compute).plan
    assert [(channel.name, channel.unit) for channel in plan.channels if channel.derived] == [
        (f"{ACCELERATION}.band_rms(10, 1000)", "m/s2"),
        (f"{ACCELERATION}.band_power(10, 1000)", "(m/s2)2"),
        (f"{ACCELERATION}.spectral_centroid", "Hz"),
        (f"{ACCELERATION}.velocity_rms", "mm/s"),
        (f"{ACCELERATION}.percentile(99.5)", "m/s2"),
    ]
    assert {channel.source for channel in plan.channels} == {"pump1"}


def test_a_rule_may_spell_a_feature_with_other_spaces_and_numbers(tmp_path):
    rule = f'[rules.r]\nchannel = "{ACCELERATION}.band_rms( 10,1e3)"\nabove = 1\n'
    plan = loaded(
        tmp_path, BURSTS + f'[features.f]\nchannels = ["{ACCELERATION}"]\ncompute = ["band_rms(10, 1000)"]\n' + rule
    ).plan
    assert plan.channels[plan.rules[0].channel].name == f"{ACCELERATION}.band_rms(10, 1000)"


def test_defaults_are_filled_in(tmp_path):
    compute = '"velocity_rms", "velocity_rms(2)", "order_rms(2)", "order_rms(3, 0.2)"'
    assert terms(tmp_path, compute, 'shaft = "50Hz"') == [
        Term("velocity_rms", (10.0, 1000.0), 1000.0),
        Term("velocity_rms", (2.0, 1000.0), 1000.0),
        Term("order_rms", (2.0, 0.1)),
        Term("order_rms", (3.0, 0.2)),
    ]


def test_severity_takes_the_limits_of_its_group_or_those_given(tmp_path):
    group = "ISO 10816-7 category 1 up to 200 kW"
    (term,) = terms(tmp_path, '"severity"', f'severity = "{group.upper()}"')
    assert term == Term("severity", (10.0, 1000.0, *LIMITS[group]), 1000.0)
    (term,) = terms(tmp_path, '"severity(2)"', "severity = [1, 2, 3.5]")
    assert term == Term("severity", (2.0, 1000.0, 1.0, 2.0, 3.5), 1000.0)


def test_blades_pass_at_an_order_of_the_shaft(tmp_path):
    assert terms(tmp_path, '"blade_pass_rms", "blade_pass_rms(0.3)"', 'shaft = "50Hz"', "blades = 7") == [
        Term("order_rms", (7.0, 0.1)),
        Term("order_rms", (7.0, 0.3)),
    ]


@pytest.mark.parametrize(("unit", "scale"), [("m/s2", 1000.0), ("mm/s2", 1.0), ("[g]", 9806.65), ("g", 9806.65)])
def test_velocities_are_in_millimetres_per_second_whatever_the_unit_of_the_acceleration(
    tmp_path, monkeypatch, unit, scale
):
    fake_plugins.install(
        monkeypatch, tmp_path, "felt", fake_plugins.TANK.replace('"tank"', '"felt"').replace("Pa", unit)
    )
    source = '[sources.a]\nplugin = "felt"\nhost = "h"\nwaves = true\n'
    plan = features(tmp_path, '"velocity_rms", "rms"', channels='"a.sound"', before=source).plan
    assert [term.scale for term in plan.bursts[0].terms] == [scale, 1.0]


@pytest.mark.parametrize(
    ("written", "shaft"),
    [
        ('"1480rpm"', PlannedShaft(constant=1480 / 60)),
        ('"24.7 Hz"', PlannedShaft(constant=24.7)),
        ('{ estimate = ["20Hz", "1800rpm"] }', PlannedShaft(low=20.0, high=30.0)),
    ],
)
def test_the_speed_of_the_shaft_is_given_or_looked_for(tmp_path, written, shaft):
    (burst,) = features(tmp_path, '"shaft_speed"', f"shaft = {written}").plan.bursts
    assert burst.shaft == shaft


@pytest.mark.parametrize(("unit", "factor"), [("Hz", 1.0), ("/min", 1 / 60), ("{rev}/min", 1 / 60)])
def test_the_speed_of_the_shaft_may_be_a_channel(tmp_path, unit, factor):
    source = '[sources.m]\nplugin = "modbus"\nurl = "tcp://h"\n'
    source += f'channels.speed = {{ register = "holding:0", unit = "{unit}" }}\n'
    config = features(tmp_path, '"shaft_speed"', 'shaft = "m.speed"', before=source)
    assert config.plan.bursts[0].shaft == PlannedShaft(channel=7, factor=factor)
    assert config.plan.channels[7].name == "m.speed"


@pytest.mark.parametrize(
    ("lines", "cut"),
    [
        ([], WHOLE),
        (['window = "1s"'], PlannedCut(span=SECOND)),
        (['window = "1s"', 'every = "250ms"'], PlannedCut(span=SECOND, every=SECOND // 4)),
        (["window = 4096", 'every = "1s"'], PlannedCut(samples=4096, every=SECOND)),
    ],
)
def test_waveforms_are_cut_into_windows_if_there_is_one(tmp_path, lines, cut):
    (burst,) = features(tmp_path, '"rms"', *lines).plan.bursts
    assert burst.cut == cut


def test_what_is_derived_of_a_waveform_comes_no_more_often_than_it(tmp_path):
    rule = f'[rules.r]\nchannel = "{ACCELERATION}.rms"\nstale = "20s"\n'
    table = f'[features.f]\nchannels = ["{ACCELERATION}"]\nwindow = "100ms"\ncompute = ["rms"]\n'
    assert loaded(tmp_path, BURSTS + table + rule).plan.rules[0].span == 20 * SECOND


def test_the_digest_has_all_that_is_said_about_the_machine(tmp_path):
    lines = [
        ['shaft = "50Hz"', "severity = [1, 2, 3]"],
        ['shaft = "51Hz"', "severity = [1, 2, 3]"],
        ['shaft = { estimate = ["40Hz", "51Hz"] }', "severity = [1, 2, 3]"],
        ['shaft = "50Hz"', "severity = [1, 2, 4]"],
        ['shaft = "50Hz"', "severity = [1, 2, 3]", "blades = 6"],
        ['shaft = "50Hz"', "severity = [1, 2, 3]", 'window = "1s"'],
    ]
    assert len({features(tmp_path, '"severity", "order_rms(1)"', *each).digest for each in lines}) == len(lines)


# --- features of plugins ----------------------------------------------------------------------------------------------


def request(values, shaft=float("nan")):
    return Request(0, 0, np.array(values), None, 10.0, shaft)


def test_a_feature_of_a_plugin_is_a_calculation_of_each_channel(tmp_path, sludge):
    config = features(
        tmp_path,
        '"rms", "sludge.sludge(2)", "sludge.silt"',
        'window = "10s"',
        channels='"pump1.flow", "pump1.pressure"',
    )
    (window,) = config.plan.windows
    names = [config.plan.channels[number].name for number in window.outputs[0]]
    assert names == ["pump1.pressure.rms"]
    assert [calculation.name for calculation in config.plan.calculations] == [
        "pump1.pressure.sludge.sludge(2)",
        "pump1.pressure.sludge.silt",
        "pump1.flow.sludge.sludge(2)",
        "pump1.flow.sludge.silt",
    ]
    for planned, calculation in zip(config.plan.calculations, config.calculations, strict=True):
        assert (calculation.name, calculation.plugin) == (planned.name, "sludge")
        assert config.plan.channels[planned.outputs[0]].name == planned.name
        number = config.plan.groups[window.group].channels[window.columns[planned.column]]
        assert (planned.window, planned.channel) == (0, number)
    units = {channel.name: channel.unit for channel in config.plan.channels}
    assert units["pump1.flow.sludge.sludge(2)"] == "1"
    assert units["pump1.flow.sludge.silt"] == "l/min"
    assert list(config.calculations[0].function(request([1.0, 2.0]))) == [3.0]
    assert list(config.calculations[2].function(request([1.0, 2.0]))) == [4.0]


def test_features_of_plugins_alone_have_a_window_without_terms(tmp_path, sludge):
    plan = features(tmp_path, '"sludge.sludge"', 'window = "10s"', channels='"pump1.flow"').plan
    assert (plan.windows[0].terms, plan.windows[0].outputs, plan.windows[0].span) == ((), ((),), 10 * SECOND)
    assert (plan.calculations[0].window, plan.calculations[0].column) == (0, 0)


def test_features_of_plugins_of_waveforms_have_their_cut_and_shaft(tmp_path, sludge):
    config = features(tmp_path, '"sludge.silt"', 'window = "2s"', 'shaft = "50Hz"')
    (calculation,) = config.plan.calculations
    assert config.plan.bursts == ()
    assert (calculation.cut, calculation.shaft) == (PlannedCut(span=2 * SECOND), PlannedShaft(constant=50.0))
    assert list(config.calculations[0].function(request([1.0], 50.0))) == [50.0]


# --- bearings ---------------------------------------------------------------------------------------------------------


def bearing(folder, *lines, after=""):
    table = f'[bearings.drive_end]\nchannel = "{ACCELERATION}"\nshaft = "24.7Hz"\n'
    return loaded(folder, BURSTS + table + "".join(f"{line}\n" for line in lines) + after)


def test_a_bearing_is_a_calculation_with_four_channels(tmp_path):
    config = bearing(tmp_path, 'type = "6205"')
    (planned,), (calculation,) = config.plan.bearings, config.plan.calculations
    assert (planned.name, planned.channel, planned.calculation) == ("drive_end", 6, 0)
    names = ["score", "outer_race", "inner_race", "ball"]
    assert [config.plan.channels[number].name for number in planned.outputs] == [
        f"bearing.drive_end.{n}" for n in names
    ]
    assert {(config.plan.channels[number].source, config.plan.channels[number].unit) for number in planned.outputs} == {
        ("pump1", "1")
    }
    assert (calculation.name, calculation.channel, calculation.outputs) == ("bearing.drive_end", 6, ())
    assert calculation.cut == PlannedCut(span=SECOND, every=SECOND)
    assert calculation.shaft == PlannedShaft(constant=24.7)
    assert [(each.name, each.plugin) for each in config.calculations] == [("bearing.drive_end", "")]
    assert config.plan.derivations() == (planned.outputs,)


def test_a_type_a_geometry_and_orders_say_the_same(tmp_path):
    known = TYPES["6205"]
    orders = known.orders()
    dimensions = f"ball_diameter = {known.ball_diameter}\npitch_diameter = {known.pitch_diameter}"
    ways = [
        'type = "6205"',
        f"balls = {known.balls}\n{dimensions}\nangle = {known.angle}",
        f"orders = {{ bpfo = {orders.bpfo}, bpfi = {orders.bpfi}, bsf = {orders.bsf}, ftf = {orders.ftf} }}",
    ]
    plans = [bearing(tmp_path, way).plan for way in ways]
    assert plans[0] == plans[1] == plans[2]
    assert plans[0].bearings[0].orders == (orders.bpfo, orders.bpfi, orders.bsf, orders.ftf)


def test_an_angle_changes_the_orders(tmp_path):
    lines = ["balls = 9", "ball_diameter = 7.94", "pitch_diameter = 39.04", "angle = 15"]
    orders = Geometry(9, 7.94, 39.04, 15.0).orders()
    assert bearing(tmp_path, *lines).plan.bearings[0].orders == (orders.bpfo, orders.bpfi, orders.bsf, orders.ftf)


def test_rules_take_the_score_of_a_bearing(tmp_path):
    rule = '[rules.r]\nchannel = "bearing.drive_end.outer_race"\nabove = 3\n'
    plan = bearing(tmp_path, 'type = "6205"', 'window = "2s"', after=rule).plan
    assert plan.rules[0].channel == plan.bearings[0].outputs[1]


def test_the_digest_has_the_bearings(tmp_path):
    lines = [
        [],
        ['type = "6205"'],
        ['type = "6203"'],
        ['type = "6205"', 'window = "2s"'],
        ['type = "6205"', 'every = "5s"'],
    ]
    digests = {loaded(tmp_path, BURSTS).digest if not each else bearing(tmp_path, *each).digest for each in lines}
    assert len(digests) == len(lines)

"""Problems with calculated channels, totals and assets: what an integrator reads, word for word."""

import pytest
from config_files import BASE, loaded, problems

FORMULAS = "[calculated.{}]\nformula = {}\n"
RULE = '[rules.r]\nchannel = "{}"\nabove = 1\n'
NO_FUNCTION = "functions are abs, sqrt, exp, log, hypot, min, max, clip, if, where"
SIMULATED = (
    'known channels: "pump1.body_temp", "pump1.flow", "pump1.power", "pump1.pressure", "pump1.running", '
    '"pump1.vibration"'
)


def formula(text, name="f"):
    """A table in which the formula is in line 8, if it is the first one."""
    return FORMULAS.format(name, text)


def total(*lines, channel="pump1.flow"):
    """A table whose channel is in line 8, further lines after it."""
    return f'[totals.t]\nchannel = "{channel}"\n' + "".join(f"{line}\n" for line in lines)


def asset(*lines, name="pump1"):
    """A table whose lines begin with line 8."""
    return f"[assets.{name}]\n" + "".join(f"{line}\n" for line in lines)


WRONG = {
    # --- formulas -------------------------------------------------------------------------------------------------
    "no formula": (
        "[calculated.f]\n",
        (':7:1: "formula" is missing in [calculated.f]; add it: a formula such as "pump1.pressure - pump1.suction"'),
    ),
    "a formula that is a number": (
        formula("3"),
        (':8:1: formula: expected a formula such as "pump1.pressure - pump1.suction", got 3; write it in quotes'),
    ),
    "a formula that is empty": (
        formula('""'),
        (':8:1: formula: expected a formula such as "pump1.pressure - pump1.suction", got text ""'),
    ),
    "a bracket that is not closed": (
        formula('"(pump1.flow + 1"'),
        (':8:1: formula: expected ")", got the end, at character 16'),
    ),
    "a sign of another language": (
        formula('"pump1.flow ^ 2"'),
        (':8:1: formula: "^" has no meaning in a formula, at character 12; write "**"'),
    ),
    "a name without its source": (
        formula('"flow * 2"'),
        (
            ':8:1: formula: "flow" is neither a function nor a channel, at character 1; '
            f"{NO_FUNCTION}; the name of a channel has its source, as pump1.flow"
        ),
    ),
    "no channel": (
        formula('"3 * 4"'),
        ":8:1: the formula names no channel; write its value where it is used",
    ),
    "a channel that nobody yields": (
        formula('"pump1.presure * pump1.flow"'),
        ':8:1: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "a difference of which the first is misspelt": (
        formula('"pump1.presure-pump1.flow"'),
        ':8:1: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "a difference of which both are misspelt": (
        formula('"pump1.presure-pump1.flw"'),
        (
            ':8:1: unknown channel "pump1.presure-pump1.flw"; '
            "a minus between names has spaces around it: pump1.presure - pump1.flw"
        ),
    ),
    "two unknown channels": (
        formula('"pump1.presure + pump1.fllow"'),
        ':8:1: unknown channel "pump1.fllow"; did you mean "pump1.flow"?',
        ':8:1: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "a waveform": (
        'burst = "10s"\n' + formula('"pump1.acceleration * 2"'),
        (
            ':9:1: channel "pump1.acceleration" carries waveforms, not single values; '
            'compute features of it: [features.NAME] with channels = ["pump1.acceleration"]'
        ),
    ),
    "a total in a formula": (
        formula('"2 * total.t"') + "[totals.t]\nchannel = 'pump1.flow'\n",
        (
            ':8:1: "total.t" cannot be used in a formula; '
            "totals, assets, models and forecasts come after all formulas, and may use them"
        ),
    ),
    "a formula of itself": (
        formula('"calculated.f + pump1.flow"'),
        (
            ":8:1: calculated.f is calculated from itself: calculated.f needs calculated.f; "
            "take one of them out of the other's formula"
        ),
    ),
    "a circle of formulas": (
        formula('"calculated.b + 1"', "a")
        + formula('"calculated.c + 1"', "b")
        + formula('"calculated.a + pump1.flow"', "c")
        + formula('"calculated.c"', "d")
        + RULE.format("calculated.d"),
        (
            ":8:1: calculated.a is calculated from itself: "
            "calculated.a needs calculated.b needs calculated.c needs calculated.a; "
            "take one of them out of the other's formula"
        ),
    ),
    "two circles": (
        formula('"calculated.a"', "a") + formula('"calculated.b"', "b"),
        (
            ":8:1: calculated.a is calculated from itself: calculated.a needs calculated.a; "
            "take one of them out of the other's formula"
        ),
        (
            ":10:1: calculated.b is calculated from itself: calculated.b needs calculated.b; "
            "take one of them out of the other's formula"
        ),
    ),
    "a fault is said once, whoever uses the formula": (
        formula('"pump1.flow +"')
        + formula('"2 * calculated.f"', "g")
        + total('per = "1h"', channel="calculated.g")
        + RULE.format("total.t"),
        ":8:1: formula: expected a number, a channel, a function or a bracket, got the end, at character 13",
    ),
    "an unknown formula": (
        formula('"pump1.flow"', "volume") + RULE.format("calculated.volum"),
        ':10:1: unknown channel "calculated.volum"; did you mean "calculated.volume"?',
    ),
    # --- totals ---------------------------------------------------------------------------------------------------
    "no channel of a total": (
        "[totals.t]\n",
        ':7:1: "channel" is missing in [totals.t]; add it: the name of a channel, such as "pump1.pressure"',
    ),
    "a total of an unknown channel": (
        total(channel="pump1.fllow"),
        ':8:1: unknown channel "pump1.fllow"; did you mean "pump1.flow"?',
    ),
    "a rate whose unit of time nobody knows": (
        total(channel="pump1.power"),
        (
            ":8:1: pump1.power is in W, which does not tell the unit of time of a rate; "
            'add per = "1s", "1m" or "1h", or counter = true if it counts'
        ),
    ),
    "a rate without a unit": (
        total(channel="pump1.running"),
        (
            ":8:1: pump1.running is without a unit, which does not tell the unit of time of a rate; "
            'add per = "1s", "1m" or "1h", or counter = true if it counts'
        ),
    ),
    "a unit of time that contradicts": (
        total('per = "1h"'),
        ':9:1: per = "1h", but pump1.flow is in l/min; write per = "1m", or leave it out',
    ),
    "a unit of time that is none": (
        total('per = "10s"'),
        ':9:1: per: expected the unit of time of a rate: "1s", "1m", "1h" or "1d", got text "10s"',
    ),
    "minutes as in units": (
        total('per = "1min"'),
        (':9:1: per: expected the unit of time of a rate: "1s", "1m", "1h" or "1d", got text "1min"; write "1m"'),
    ),
    "a wrap of a rate": (
        total("wrap = 65536"),
        ":9:1: wrap has no meaning with a rate; add counter = true if the channel counts",
    ),
    "a unit of time of a counter": (
        total("counter = true", 'per = "1h"'),
        ":10:1: per has no meaning with a counter; it belongs to a rate; remove it",
    ),
    "a wrap at nothing": (
        total("counter = true", "wrap = 0"),
        ":10:1: wrap: expected a number above 0, got 0",
    ),
    # --- assets ---------------------------------------------------------------------------------------------------
    "an asset of no source": (
        asset(name="pump"),
        ':7:1: unknown source "pump"; add sources = ["..."]',
    ),
    "an unknown source": (
        asset('sources = ["pump1", "pmp1"]'),
        ':8:21: unknown source "pmp1"; did you mean "pump1"?',
    ),
    "a source of two assets": (
        asset('sources = ["pump1"]', name="a") + asset('sources = ["pump1"]', name="b"),
        ':10:12: the source "pump1" belongs to the asset "a" already',
    ),
    "the name of a source that is not in it": (
        '[sources.vib1]\nplugin = "simulator"\n' + asset('sources = ["vib1"]'),
        (
            ':10:1: the source "pump1" is not among those of the asset of its name; '
            "list it too, or give the asset another name"
        ),
    ),
    "an unknown channel tells that it runs": (
        asset('running = "pump1.runing"') + RULE.format("asset.pump1.steady"),
        ':8:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "limits of nothing": (
        asset("above = 0.5", 'starting = "10s"'),
        ':8:1: above has no meaning without running; add running = "...", the channel that tells it',
        ':9:1: starting has no meaning without running; add running = "...", the channel that tells it',
    ),
    "a deadband of nothing": (
        asset('running = "pump1.power"', "deadband = 5"),
        ":9:1: deadband has no meaning without above; write above = ..., what pump1.power is above of",
    ),
    "a state that is misspelt": (
        asset('running = "pump1.running"') + RULE.format("asset.pump1.stead"),
        ':10:1: unknown channel "asset.pump1.stead"; did you mean "asset.pump1.steady"?',
    ),
}


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, BASE + text) == [f"gatewayd.toml{each}" for each in said]


@pytest.mark.parametrize(
    ("faulty", "channel"),
    [
        (formula('"pump1.flow +"'), "calculated.f"),
        (total("wrap = 1"), "total.t"),
        (total("wrap = 1"), "total.t.missed"),
        (asset('running = "pump1.running"', "deadband = 5"), "asset.pump1.state"),
    ],
)
def test_a_rule_of_a_table_that_is_wrong_adds_nothing_to_what_is_said(tmp_path, faulty, channel):
    said = problems(tmp_path, BASE + faulty)
    assert len(said) == 1
    assert problems(tmp_path, BASE + faulty + RULE.format(channel)) == said


# --- what is right ------------------------------------------------------------------------------------------------

GONE = '[sources.tank]\nplugin = "nobody-has-it"\n'


def test_what_follows_from_a_source_that_is_left_out_is_left_out_and_said(tmp_path):
    tables = formula('"tank.level + pump1.flow"') + formula('"2 * calculated.f"', "g")
    tables += total('per = "1h"', channel="calculated.g") + asset(
        'sources = ["tank"]', 'running = "tank.on"', name="tank"
    )
    config = loaded(
        tmp_path,
        BASE + GONE + tables + RULE.format("total.t") + '[rules.s]\nchannel = "asset.tank.steady"\nbelow = 1\n',
    )
    left_out = [
        problem.what.partition(" is left out")[0] for problem in config.problems if "is left out" in problem.what
    ]
    assert left_out[-6:] == ["[calculated.f]", "[calculated.g]", "[totals.t]", "[assets.tank]", 'rule "r"', 'rule "s"']
    assert config.plan.derivers == ()


def names(config):
    return [channel.name for channel in config.plan.channels]


def planned(config, name):
    return next(each for each in config.plan.derivers if each.name == name)


def unit(config, name):
    return next(channel.unit for channel in config.plan.channels if channel.name == name)


def test_formulas_are_planned_after_those_that_they_need(tmp_path):
    tables = formula('"2 * calculated.b"', "a") + formula('"pump1.pressure - pump1.flow"', "b")
    config = loaded(tmp_path, BASE + tables)
    assert [each.name for each in config.plan.derivers] == ["b", "a"]
    assert planned(config, "a").inputs == planned(config, "b").outputs


def test_a_formula_of_a_feature_comes_as_often_as_the_feature(tmp_path):
    feature = '[features.f]\nchannels = ["pump1.vibration"]\nwindow = "10s"\nevery = "5s"\ncompute = ["rms"]\n'
    config = loaded(tmp_path, BASE + feature + formula('"pump1.vibration.rms / pump1.flow"'))
    from gatewayd.engine.paces import paces

    assert paces(config.plan)[planned(config, "f").outputs[0]] == 5_000_000_000


@pytest.mark.parametrize(
    ("channel", "lines", "of"),
    [
        ("pump1.flow", [], "l"),
        ("pump1.power", ['per = "1h"'], "W.h"),
        ("pump1.power", ['per = "1s"'], "W.s"),
        ("pump1.running", ['per = "1h"'], ""),
        ("pump1.flow", ["counter = true"], "l/min"),
        ("pump1.flow", ["counter = true", 'unit = "m3"'], "m3"),
    ],
)
def test_the_unit_of_a_total_follows_from_that_of_its_rate(tmp_path, channel, lines, of):
    config = loaded(tmp_path, BASE + total(*lines, channel=channel))
    assert unit(config, "total.t") == of
    assert ("total.t.missed" in names(config)) is ("counter = true" not in lines)


def test_an_asset_without_a_channel_that_tells_it_has_sources_only(tmp_path):
    vib1 = '[sources.vib1]\nplugin = "simulator"\n'
    config = loaded(tmp_path, BASE + vib1 + asset('sources = ["pump1", "vib1"]', name="station"))
    assert config.plan.derivers == ()


def test_an_asset_gates_rules(tmp_path):
    rule = '[rules.r]\nchannel = "pump1.pressure"\nabove = 1\nwhile = "asset.pump1.steady"\n'
    config = loaded(tmp_path, BASE + asset('running = "pump1.power"', "above = 50", "deadband = 10") + rule)
    assert config.plan.rules[0].gate == planned(config, "pump1").outputs[2]
    assert (planned(config, "pump1").starting, planned(config, "pump1").stopping) == (30_000_000_000, 10_000_000_000)

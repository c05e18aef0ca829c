"""Problems with features of waveforms and with shafts: what an integrator reads, word for word."""

import fake_plugins
import pytest
from config_files import BASE, loaded, problems
from vibration_tables import BROKEN, BURSTS, RULE, WHY, bearing, features, said

SHAFT = 'shaft = "1480rpm"\n'
ONE_SHAFT = 'a speed such as "1480rpm", a channel such as "pump1.speed", or { estimate = ["20Hz", "30Hz"] }'
SPEEDS = (
    'known are "Hz", "1/s", "/s", "s-1", "{rev}/s", "{rot}/s", '
    '"1/min", "/min", "min-1", "{rev}/min", "{rot}/min", "rpm", "{rpm}"'
)
ACCELERATIONS = 'known are "m/s2", "mm/s2", "cm/s2", "[g]", "m[g]", "g", "[g_n]", "g_n", "mg"'
ONE_OF_ITS_OWN = "remove it, or give it a table of its own, with channels that suit it"
LIMITS = 'a group such as "ISO 10816-7 category 1 up to 200 kW", or three limits in mm/s such as [2.5, 4.0, 6.6]'
SLUDGE = """
from gatewayd.plugin import hookimpl


def sludge(window, depth: float = 1.0):
    return depth * window.values.mean()


def count(window, first: int, last: int = 5):
    return last - first


@hookimpl
def register_features(register):
    register("sludge", sludge, unit="1")
    register("count", count)
"""

WRONG = {
    # --- how a feature is written ---------------------------------------------------------------------------------
    "a bracket that is not closed": (
        features('"rms", "band_rms(10, 1000"'),
        ':10:19: compute: expected a feature such as "rms" or "band_rms(10, 1000)", got text "band_rms(10, 1000"',
    ),
    "units in brackets": (
        features('"band_rms(10Hz, 1kHz)"'),
        (
            ':10:12: compute: expected numbers in the brackets, such as "band_rms(10, 1000)", '
            'got text "band_rms(10Hz, 1kHz)"'
        ),
    ),
    "a number beyond all floats": (
        features('"line_amplitude(1e999)"'),
        (
            ':10:12: compute: expected numbers in the brackets, such as "band_rms(10, 1000)", '
            'got text "line_amplitude(1e999)"'
        ),
    ),
    "no text": (features("17"), ":10:12: compute: expected text, got 17; write it in quotes"),
    "features that there are not": (
        features('"spectrum_entropy", "RMS", "crest"'),
        ':10:12: unknown feature "spectrum_entropy"; did you mean "spectral_entropy"?',
        ':10:32: unknown feature "RMS"; did you mean "rms"?',
        ':10:39: unknown feature "crest"; did you mean "crest_factor"?',
    ),
    "a feature like no other": (
        features('"xyzzy"'),
        (
            ':10:12: unknown feature "xyzzy"; known features: "band_power", "band_rms", "blade_pass_rms", '
            '"clearance_factor", "count_above", "crest_factor", "dominant_amplitude", "dominant_bin", '
            '"dominant_frequency", "envelope_amplitude", "envelope_order", "envelope_rms", ...'
        ),
    ),
    "too few numbers and too many": (
        features('"band_rms(10)", "rms(1)", "order_rms", "velocity_rms(1, 2, 3)", "median()"', SHAFT),
        ':10:12: band_rms takes 2 parameters, got 1; write "band_rms(low, high)"',
        ':10:28: rms takes no parameters, got 1; write "rms"',
        (
            ":10:38: order_rms takes 1 or 2 parameters, got 0; "
            'write "order_rms(order)", or "order_rms(order, half_width)"'
        ),
        (':10:51: velocity_rms takes 0 to 2 parameters, got 3; write "velocity_rms", or "velocity_rms(low, high)"'),
    ),
    "numbers out of bounds": (
        features('"percentile(101)", "peak_frequency(1.5)", "line_amplitude(-1)", "order_rms(1, 0.7)"', SHAFT),
        ":10:12: percentile: expected p from 0 to 100 %, got 101",
        ":10:31: peak_frequency: expected k as a whole number from 1 to 16, got 1.5",
        ":10:54: line_amplitude: expected frequency of at least 0 Hz, got -1",
        ":10:76: order_rms: expected half_width from 0.01 to 0.5, got 0.7",
    ),
    "bands that are none": (
        features('"band_rms(1000, 10)", "band_power(10, 10)", "envelope_order(3e3, 2e3, 3.58)"', SHAFT),
        ':10:12: band_rms: low must be below high, got 1000 and 10; write "band_rms(10, 1000)"',
        ":10:34: band_power: low must be below high, got 10 and 10",
        (':10:56: envelope_order: low must be below high, got 3000 and 2000; write "envelope_order(2000, 3000, 3.58)"'),
    ),
    "a band whose end is a default": (
        features('"velocity_rms(2000)"'),
        ':10:12: velocity_rms: low must be below high, got 2000 and 1000; write "velocity_rms(1000, 2000)"',
    ),
    "one feature in two spellings": (
        features('"band_rms(10, 1000)", "band_rms(1e1,1_000)", "velocity_rms", "velocity_rms(10)"'),
        ':10:34: "band_rms(1e1,1_000)" is there twice; keep one of them',
        ':10:73: "velocity_rms(10)" is the same as "velocity_rms"; keep one of them',
    ),
    # --- what it can be computed of -------------------------------------------------------------------------------
    "a spectrum of single values": (
        features('"spectral_entropy"', 'window = "10s"', channels='"pump1.pressure"'),
        (
            ":10:12: spectral_entropy needs a channel of waveforms; pump1.pressure carries single values; "
            + ONE_OF_ITS_OWN
        ),
    ),
    "an average over time of waveforms": (
        features('"rms", "ewma(60)"'),
        f":10:19: ewma needs a channel of single values; pump1.acceleration carries waveforms; {ONE_OF_ITS_OWN}",
    ),
    "a pattern that matches both kinds": (
        features('"rms", "spectral_entropy", "ewma(60)"', 'window = "10s"', channels='"*.pressure", "*.acceleration"'),
        (
            ":10:19: spectral_entropy needs a channel of waveforms; pump1.pressure carries single values; "
            + ONE_OF_ITS_OWN
        ),
        f":10:39: ewma needs a channel of single values; pump1.acceleration carries waveforms; {ONE_OF_ITS_OWN}",
    ),
    "a velocity of what is no acceleration": (
        '[sources.tank]\nplugin = "tank"\nhost = "h"\nwaves = true\n'
        + features('"velocity_rms", "rms"', channels='"tank.sound", "pump1.acceleration"'),
        f':14:12: velocity_rms needs an acceleration; the unit of tank.sound is "Pa"; {ACCELERATIONS}',
    ),
    "a velocity of what has no unit": (
        '[sources.bare]\nplugin = "bare"\nhost = "h"\nwaves = true\n'
        + features('"severity"', "severity = [1, 2, 3]", channels='"bare.sound"'),
        f":14:12: severity needs an acceleration; bare.sound has no unit; {ACCELERATIONS}",
    ),
    "a velocity of windows that are too short": (
        features('"velocity_rms", "velocity_rms(2, 1000)"', 'window = "200ms"'),
        ':10:28: velocity_rms(2, 1000) begins at 2 Hz, for which the window is too short; make it "1s" at least',
    ),
    # --- what is known of the machine -----------------------------------------------------------------------------
    "nothing about the machine": (
        features('"order_rms(1)", "blade_pass_rms", "severity"'),
        (
            ":10:12: order_rms needs the speed of the shaft; "
            'add shaft = "1480rpm", or a channel, or { estimate = ["20Hz", "30Hz"] }'
        ),
        ":10:28: blade_pass_rms needs the number of blades; add blades = 6, or however many the impeller has",
        (
            ":10:28: blade_pass_rms needs the speed of the shaft; "
            'add shaft = "1480rpm", or a channel, or { estimate = ["20Hz", "30Hz"] }'
        ),
        (
            ":10:46: severity needs the limits of the zones; "
            'add severity = "ISO 10816-7 category 1 up to 200 kW", or another group, or [2.5, 4.0, 6.6]'
        ),
    ),
    "a speed without its unit": (
        features('"order_rms(1)"', 'shaft = "1480"'),
        f':11:1: shaft: expected {ONE_SHAFT}, got text "1480"; write it with its unit: "1480rpm"',
    ),
    "a speed as a number": (
        features('"order_rms(1)"', "shaft = 1480"),
        f':11:1: shaft: expected {ONE_SHAFT}, got 1480; write it with its unit: "1480rpm"',
    ),
    "a speed in lower case": (
        features('"order_rms(1)"', 'shaft = "24,7 hz"'),
        f':11:1: shaft: expected {ONE_SHAFT}, got text "24,7 hz"; write "24.7Hz"',
    ),
    "a speed in another unit": (
        features('"order_rms(1)"', 'shaft = "1480 U/min"'),
        f':11:1: shaft: expected {ONE_SHAFT}, got text "1480 U/min"; write it like "1480rpm"',
    ),
    "a shaft that stands still": (
        features('"order_rms(1)"', 'shaft = "0rpm"'),
        f':11:1: shaft: expected {ONE_SHAFT}, got text "0rpm"',
    ),
    "an unknown table as a shaft": (
        features('"order_rms(1)"', 'shaft = { estimat = ["20Hz", "30Hz"] }'),
        f":11:1: shaft: expected {ONE_SHAFT}, got a table",
    ),
    "speeds the wrong way round": (
        features('"order_rms(1)"', 'shaft = { estimate = ["30Hz", "20Hz"] }'),
        ":11:11: shaft: the first speed must be below the second; write estimate = [low, high]",
    ),
    "a shaft in an unknown channel": (
        features('"order_rms(1)"', 'shaft = "pump1.runing"'),
        ':11:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "a shaft in a channel of something else": (
        features('"order_rms(1)"', 'shaft = "pump1.flow"'),
        f':11:1: the unit of pump1.flow is "l/min", which is not one of speed; {SPEEDS}',
    ),
    "a shaft in a channel without a unit": (
        features('"order_rms(1)"', 'shaft = "pump1.running"'),
        f":11:1: pump1.running has no unit; {SPEEDS}",
    ),
    "no blades": (
        features('"blade_pass_rms"', SHAFT + "blades = 0"),
        ":12:1: blades: expected a whole number from 1 to 100, got 0",
    ),
    "blades that are misspelt": (
        features('"blade_pass_rms"', SHAFT + "blads = 6"),
        ':12:1: unknown key "blads" in [features.f]; did you mean "blades"?',
    ),
    "the beginning of several groups of machines": (
        features('"severity"', 'severity = "ISO 10816-7 category 1"'),
        (
            ':11:1: severity: unknown group of machines "ISO 10816-7 category 1"; did you mean one of '
            '"ISO 10816-7 category 1 above 200 kW", "ISO 10816-7 category 1 up to 200 kW"?'
        ),
    ),
    "limits the wrong way round": (
        features('"severity"', "severity = [6.6, 4.0, 2.5]"),
        ":11:1: severity: the limits must be above 0, each above the one before; write them like [2.5, 4.0, 6.6]",
    ),
    "two limits": (features('"severity"', "severity = [2, 4]"), f":11:1: severity: expected {LIMITS}, got a list"),
    "one limit": (features('"severity"', "severity = 7.1"), f":11:1: severity: expected {LIMITS}, got 7.1"),
    # --- windows --------------------------------------------------------------------------------------------------
    "single values without a window": (
        features('"rms"', channels='"pump1.flow", "pump1.acceleration"'),
        (
            ':8:1: "window" is missing in [features.f]: pump1.flow has single values; '
            'add window = "10s", or a number of values such as 100'
        ),
    ),
    "a window that is misspelt": (
        features('"rms"', 'windw = "10s"', channels='"pump1.flow"'),
        ':11:1: unknown key "windw" in [features.f]; did you mean "window"?',
    ),
    "a hop without a window": (
        features('"rms"', 'every = "1s"'),
        (
            ":11:1: every has no meaning without window: each burst of a waveform is one window; "
            'add window = "1s", or remove it'
        ),
    ),
    "too long a window of waveforms": (
        features('"rms"', 'window = "5m"'),
        ":11:1: a window of waveforms lasts 60s at most; shorten it, or make a table of its own for the single values",
    ),
    "windows that overlap too much": (
        features('"rms"', 'window = "10s"', 'every = "500ms"'),
        (':12:1: windows of waveforms are apart by 625ms at least, a 16th of one; write every = "625ms" or more'),
    ),
    "windows of a bearing in which the shaft hardly turns": (
        bearing('type = "6205"', 'window = "200ms"'),
        ':12:1: a window of 200ms is 4.9 turns of the shaft at 24.7 Hz, of 10 that it takes; make it "405ms" at least',
    ),
    "windows of a bearing in which even the fastest shaft hardly turns": (
        bearing('type = "6205"', shaft='shaft = { estimate = ["2Hz", "4Hz"] }\n'),
        ':8:1: a window of 1s is 4.0 turns of the shaft at 4 Hz, of 10 that it takes; make it "2.5s" at least',
    ),
    "windows in which the speed of the shaft cannot be found": (
        features('"order_rms(1)"', 'shaft = { estimate = ["20Hz", "30Hz"] }', 'window = "300ms"')
        + bearing('type = "6205"', 'window = "300ms"', shaft='shaft = { estimate = ["20Hz", "40Hz"] }\n'),
        (
            ":12:1: a window of 300ms is 6.0 turns of the shaft at 20 Hz, of 8 that it takes to find its speed; "
            'make it "400ms" at least'
        ),
        (
            ":17:1: a window of 300ms is 6.0 turns of the shaft at 20 Hz, of 8 that it takes to find its speed; "
            'make it "400ms" at least'
        ),
    ),
    "windows of a bearing that overlap too much": (
        bearing('type = "6205"', 'window = "10s"', 'every = "500ms"'),
        (':13:1: windows of waveforms are apart by 625ms at least, a 16th of one; write every = "625ms" or more'),
    ),
    "too many values of waveforms": (
        features('"rms"', "window = 3_000_000"),
        ":11:1: a window of waveforms has 1048576 values at most; make it shorter",
        (
            ":11:1: the windows up to this one hold 3000000 values (48 MB); shorten it, or match fewer channels: "
            "at most 2000000 values (32 MB) are possible"
        ),
    ),
    # --- features of plugins --------------------------------------------------------------------------------------
    "a feature that its plugin does not have": (
        features('"sludge.sluge", "sludge.xyzzy"'),
        ':10:12: plugin "sludge" has no feature "sluge"; did you mean "sludge"?',
        ':10:28: plugin "sludge" has no feature "xyzzy"; its features are: "count", "sludge"',
    ),
    "numbers that a plugin does not take": (
        features('"sludge.sludge(1, 2)", "sludge.count", "sludge.count(1.5)"'),
        (':10:12: sludge.sludge takes 0 or 1 parameters, got 2; write "sludge.sludge", or "sludge.sludge(depth)"'),
        (
            ":10:35: sludge.count takes 1 or 2 parameters, got 0; "
            'write "sludge.count(first)", or "sludge.count(first, last)"'
        ),
        ":10:51: sludge.count: expected first as a whole number, got 1.5",
    ),
    # --- bearings -------------------------------------------------------------------------------------------------
    "rules on features of a faulty table": (
        features('"rms", "kurtosi", "band_rms(10)"')
        + "".join(
            RULE.format(name).replace(".r]", f".r{n}]")
            for n, name in enumerate(["rms", "kurtosi", "band_rms(10)", "band_rms(10, 1000)", "tank.sludge(2)"])
        ),
        ':10:19: unknown feature "kurtosi"; did you mean "kurtosis"?',
        ':10:30: band_rms takes 2 parameters, got 1; write "band_rms(low, high)"',
    ),
    "a rule on a feature that no table computes": (
        features('"band_rms(10, 1000)"') + RULE.format("band_rms(10, 100)"),
        (
            ':12:1: unknown channel "pump1.acceleration.band_rms(10, 100)"; '
            'did you mean "pump1.acceleration.band_rms(10, 1000)"?'
        ),
    ),
}


@pytest.fixture(autouse=True)
def plugins(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path)
    fake_plugins.install(
        monkeypatch, tmp_path, "bare", fake_plugins.TANK.replace('"tank"', '"bare"').replace('"Pa"', '""')
    )
    fake_plugins.install(monkeypatch, tmp_path, "sludge", SLUDGE)


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, BURSTS + text) == [f"gatewayd.toml{each}" for each in said]


def test_a_faulty_source_is_all_that_is_said_about_what_hears_it(tmp_path):
    text = BASE + 'burst = "10"\n' + features('"order_rms(1)"', 'shaft = "pump1.speed"') + bearing('type = "6205"')
    text += RULE.format("order_rms(1)") + RULE.replace("pump1.acceleration.{}", "bearing.b.score").replace(".r]", ".s]")
    assert [line.split(":")[1] for line in problems(tmp_path, text)] == ["7"]


def test_features_without_a_shaft_are_left_out_and_the_others_are_not(tmp_path):
    text = BURSTS + BROKEN + features('"rms", "order_rms(1)"', 'shaft = "broken.speed"')
    config = loaded(tmp_path, text + RULE.format("order_rms(1)") + RULE.format("rms").replace(".r]", ".s]"))
    assert said(config)[1:] == [
        (13, f"the shaft of [features.f] is left out: {WHY}"),
        (15, f'rule "r" is left out: {WHY}'),
    ]
    assert [term.name for term in config.plan.bursts[0].terms] == ["rms"]
    assert [rule.name for rule in config.plan.rules] == ["s"]


def test_a_feature_of_a_plugin_that_is_not_installed_is_left_out_with_the_rules_on_it(tmp_path):
    text = BURSTS + features('"rms", "tenk.sludge( 2 )", "modbuss.x"') + RULE.format("tenk.sludge(2)")
    config = loaded(tmp_path, text)
    assert [str(problem).partition("toml")[2] for problem in config.problems] == [
        ':10:19: plugin "tenk" is not installed; did you mean "tank"?',
        ':10:39: plugin "modbuss" is not installed; did you mean "modbus"?',
        ':12:1: rule "r" is left out: the plugin "tenk" of "tenk.sludge(2)" cannot be used',
    ]
    assert [channel.name for channel in config.plan.channels if channel.derived] == ["pump1.acceleration.rms"]
    assert config.calculations == ()

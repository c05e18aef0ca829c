"""Problems with bearings: what an integrator reads, word for word."""

import pytest
from config_files import loaded, problems
from vibration_tables import BROKEN, BURSTS, RULE, WHY, bearing, said

ONE_SHAFT = 'a speed such as "1480rpm", a channel such as "pump1.speed", or { estimate = ["20Hz", "30Hz"] }'
WAYS = 'type = "6205", or balls, ball_diameter and pitch_diameter, or orders = { bpfo, bpfi, bsf, ftf }'

WRONG = {
    "a bearing without anything": (
        "[bearings.b]\n",
        (':8:1: "channel" is missing in [bearings.b]; add it: a channel of waveforms, such as "pump1.acceleration"'),
        f':8:1: "shaft" is missing in [bearings.b]; add it: {ONE_SHAFT}',
    ),
    "a bearing that nothing describes": (
        bearing(),
        f":8:1: nothing says which bearing it is; add {WAYS}",
    ),
    "a bearing that is described twice": (
        bearing('type = "6205"', "balls = 9"),
        f':12:1: a bearing is described in one way, not by "type", "balls"; keep {WAYS}',
    ),
    "an unknown type": (
        bearing('type = "xyzzy"'),
        (
            ':11:1: unknown type of bearing "xyzzy"; '
            "give balls, ball_diameter and pitch_diameter, or orders, from the maker's data"
        ),
    ),
    "a type that is almost right": (
        bearing('type = "6205!"'),
        (
            ':11:1: unknown type of bearing "6205!"; did you mean "6205"? '
            "If not, give balls, ball_diameter and pitch_diameter, or orders, from the maker's data"
        ),
    ),
    "half a geometry": (
        bearing("balls = 9"),
        (
            ':8:1: "ball_diameter", "pitch_diameter" are missing in [bearings.b]; '
            "a geometry is balls, ball_diameter and pitch_diameter (in one unit), and an angle if any"
        ),
    ),
    "a geometry with a misspelt key": (
        bearing("balls = 9", "ball_diameter = 7.94", "pitch_diametre = 39.04"),
        ':13:1: unknown key "pitch_diametre" in [bearings.b]; did you mean "pitch_diameter"?',
    ),
    "balls that are too large": (
        bearing("balls = 9", "ball_diameter = 50", "pitch_diameter = 39.04"),
        ":12:1: expected a ball diameter above 0 and below the pitch diameter, got 50 and 39.04",
    ),
    "two balls": (
        bearing("balls = 2", "ball_diameter = 7.94", "pitch_diameter = 39.04"),
        ":11:1: balls: expected a whole number from 3 to 300, got 2",
    ),
    "an angle of a type": (
        bearing('type = "6205"', "angle = 15"),
        ":12:1: angle has no meaning with type; it belongs to balls; remove it",
    ),
    "an angle that is too steep": (
        bearing("balls = 9", "ball_diameter = 7.94", "pitch_diameter = 39.04", "angle = 90"),
        ":14:1: angle: expected degrees from 0 to below 90, got 90",
    ),
    "half of the orders": (
        bearing("orders = { bpfo = 3.58, bpfi = 5.42 }"),
        ':11:1: "bsf" is missing in [bearings.b.orders]; add it: a number',
        ':11:1: "ftf" is missing in [bearings.b.orders]; add it: a number',
    ),
    "a bearing in single values": (
        bearing('type = "6205"', channel="pump1.vibration"),
        ':9:1: channel "pump1.vibration" carries single values, not waveforms; name a channel of waveforms',
    ),
    "a bearing in an unknown channel": (
        bearing('type = "6205"', channel="pump1.accelerat"),
        ':9:1: unknown channel "pump1.accelerat"; did you mean "pump1.acceleration"?',
    ),
    "a bearing with too long a window": (
        bearing('type = "6205"', 'window = "5m"'),
        ':12:1: window: expected a duration from "10ms" to "1m", got text "5m"',
    ),
    # --- who refers to what is wrong ------------------------------------------------------------------------------
    "a rule on a faulty bearing and one on none": (
        bearing()
        + RULE.replace("pump1.acceleration.{}", "bearing.b.score")
        + RULE.replace("pump1.acceleration.{}", "bearing.a.score").replace(".r]", ".s]"),
        f":8:1: nothing says which bearing it is; add {WAYS}",
        (
            ':15:1: unknown channel "bearing.a.score"; known channels: "pump1.acceleration", "pump1.body_temp", '
            '"pump1.flow", "pump1.power", "pump1.pressure", "pump1.running", "pump1.vibration"'
        ),
    ),
}


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, BURSTS + text) == [f"gatewayd.toml{each}" for each in said]


def test_a_bearing_without_a_shaft_is_left_out_with_the_rules_on_it(tmp_path):
    text = BURSTS + BROKEN + bearing('type = "6205"', shaft='shaft = "broken.speed"\n')
    config = loaded(tmp_path, text + RULE.replace("pump1.acceleration.{}", "bearing.b.ball"))
    assert said(config)[1:] == [(12, f"[bearings.b] is left out: {WHY}"), (15, f'rule "r" is left out: {WHY}')]
    assert config.plan.bearings == config.plan.calculations == config.calculations == ()


def test_a_bearing_that_is_heard_by_a_lost_source_is_left_out(tmp_path):
    text = BURSTS + BROKEN + bearing('type = "6205"', channel="broken.acceleration")
    assert said(loaded(tmp_path, text))[1:] == [(11, f"[bearings.b] is left out: {WHY}")]

"""Problems with rules: what an integrator reads, word for word."""

import pytest
from config_files import BASE, problems

RULE = '[rules.r]\nchannel = "pump1.pressure"\n'
MONTH = 'a duration from "0s" to "30d"'
CONDITIONS = '"above", "below", "outside", "rate_above", "stale", "flat"'
GROUPS = {"a]": "suction", "b]": "suction", "c]": "sucton"}
NO_CHANNEL = ':7:1: "channel" is missing in [rules.r]; add it: the name of a channel, such as "pump1.pressure"'

WRONG = {
    "no condition": (BASE + RULE, f":7:1: the rule has no condition; give one of {CONDITIONS}"),
    "two limits": (
        BASE + RULE + "above = 3\nbelow = 1\n",
        ":10:1: a rule has one condition, not two; write outside = [low, high]",
    ),
    "two conditions": (
        BASE + RULE + 'flat = "60s"\nabove = 3\n',
        (
            ':10:1: a rule has one condition, not "flat", "above"; '
            "keep one of them, and make rules of their own for the others"
        ),
    ),
    "no channel": (BASE + "[rules.r]\nabove = 3\n", NO_CHANNEL),
    "a misspelt channel": (
        BASE + '[rules.r]\nchanel = "pump1.flow"\nabove = 3\n',
        ':8:1: unknown key "chanel" in [rules.r]; did you mean "channel"?',
    ),
    "an unknown channel": (
        BASE + RULE.replace("pressure", "presure") + "above = 3\n",
        ':8:1: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "an unknown gate": (
        BASE + RULE + 'above = 3\nwhile = "pump1.runing"\n',
        ':10:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "a channel of waveforms": (
        BASE + 'burst = "1m"\n' + RULE.replace("pressure", "acceleration") + "above = 3\n",
        (
            ':9:1: channel "pump1.acceleration" carries waveforms, not single values; '
            'compute features of it: [features.NAME] with channels = ["pump1.acceleration"]'
        ),
    ),
    "limits the wrong way round": (
        BASE + RULE + "outside = [6, 1.5]\n",
        ":9:1: the first limit must be below the second; write outside = [1.5, 6]",
    ),
    "three limits": (
        BASE + RULE + "outside = [1, 2, 3]\n",
        ":9:1: outside: expected a list of 2 elements, got 3; write [a finite number, a finite number]",
    ),
    "a limit that is no number": (
        BASE + RULE + "outside = [1, true]\n",
        ":9:15: outside: expected a finite number, got true",
    ),
    "a negative deadband": (
        BASE + RULE + "above = 3\ndeadband = -0.1\n",
        ":10:1: deadband: expected a number of 0 or more, got -0.1",
    ),
    "a deadband that leaves nothing": (
        BASE + RULE + "outside = [1, 2]\ndeadband = 0.5\n",
        (
            ":10:1: with this deadband the alarm could never clear: nothing is left between the limits; "
            "make it less than 0.5"
        ),
    ),
    "a deadband as large as a rate": (
        BASE + RULE + "rate_above = 1\ndeadband = 1\n",
        ":10:1: with this deadband the alarm could never clear; make it less than 1",
    ),
    "a deadband of silence": (
        BASE + RULE + 'stale = "30s"\ndeadband = 1\n',
        ":10:1: deadband has no meaning with stale; remove it",
    ),
    "a span without a rate": (
        BASE + RULE + 'above = 3\nover = "10s"\n',
        ":10:1: over has no meaning with above; it belongs to rate_above; remove it",
    ),
    "a rate that is not positive": (
        BASE + RULE + "rate_above = 0\n",
        ":9:1: rate_above: expected a number above 0, got 0",
    ),
    "a rate over too short a span": (
        BASE + RULE + 'rate_above = 1\nover = "1s"\n',
        ':10:1: over = 1s is shorter than two intervals of pump1.pressure (1s each); write over = "2s" or more',
    ),
    "silence that is too short": (
        BASE + RULE + 'stale = "500ms"\n',
        ':9:1: stale = 500ms is shorter than two intervals of pump1.pressure (1s each); write stale = "2s" or more',
    ),
    "a delay that is too long": (
        BASE + RULE + 'above = 1\nfor = "60d"\n',
        f':10:1: for: expected {MONTH}, got text "60d"',
    ),
    "an unknown inverted gate": (
        BASE + RULE + 'above = 3\nwhile = "not pump1.runing"\n',
        ':10:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "an inverted gate as other languages write it": (
        BASE + RULE + 'above = 3\nwhile = "!pump1.running"\n',
        ':10:1: unknown channel "!pump1.running"; write "not pump1.running"',
    ),
    "a latch that is no choice": (
        BASE + RULE + 'above = 1\nlatch = "yes"\n',
        ':10:1: latch: expected true or false, got text "yes"',
    ),
    "a group of one": (
        BASE + RULE + 'above = 1\ngroup = "suction"\n',
        (
            ':10:1: no other rule is in the group "suction"; '
            "give it to the rules that tell of the same trouble, or remove it"
        ),
    ),
    "a misspelt group": (
        BASE + "".join(f"{RULE.replace('r]', name)}above = 1\ngroup = '{group}'\n" for name, group in GROUPS.items()),
        ':18:1: no other rule is in the group "sucton"; did you mean "suction"?',
    ),
    "a group with a space": (
        BASE + RULE + 'above = 1\ngroup = "dry run"\n',
        ':10:1: group: expected a name of letters, digits, _ and -, got text "dry run"',
    ),
}


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in said]

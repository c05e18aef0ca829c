"""What is left of a config whose plugins do not all work, and what is said about them."""

import sys

import msgspec
import pytest
from config_files import BASE, HEAD, SOURCE, loaded, problems
from fake_plugins import TWO_PACES

REFERENCES = """\
[sources.broken]
plugin = "bomb"
[features.f]
channels = ["broken.level", "pump1.flow"]
window = "10s"
compute = ["rms"]
[rules.of_broken]
channel = "broken.level.rms"
above = 1
while = "broken.running"
[rules.gated_by_broken]
channel = "pump1.flow"
above = 1
while = "broken.running"
[rules.well]
channel = "pump1.flow.rms"
above = 1
[readings]
channels = ["broken.*", "pump1.flow"]
"""


def said(config, folder):
    return [str(problem).replace(f"{folder}/", "") for problem in config.problems]


def test_a_source_of_a_broken_plugin_is_left_out_with_all_that_refers_to_it(tmp_path, install):
    install("bomb", "1 / 0")
    config = loaded(tmp_path, BASE + REFERENCES)
    why = 'source "broken" is left out, because its plugin "bomb" cannot be used'
    assert said(config, tmp_path) == [
        (
            'gatewayd.toml:8:1: plugin "bomb" (acme-bomb 1.2) does not import (ZeroDivisionError: division by zero); '
            "see `gatewayd plugins`"
        ),
        f'gatewayd.toml:10:13: "broken.level" in [features.f] is left out: {why}',
        f'gatewayd.toml:14:1: rule "of_broken" is left out: {why}',
        f'gatewayd.toml:20:1: rule "gated_by_broken" is left out: {why}',
        f'gatewayd.toml:25:13: "broken.*" in [readings] is left out: {why}',
    ]
    assert not any(problem.fatal for problem in config.problems)
    assert list(config.sources) == ["pump1"]
    assert [rule.name for rule in config.plan.rules] == ["well"]
    assert len(config.plan.readings) == 1


def test_a_plugin_that_is_not_installed_leaves_the_rest_running_and_a_likely_name_is_told(tmp_path):
    config = loaded(tmp_path, BASE + SOURCE.replace("pump1", "pump2").replace("simulator", "simulater"))
    assert said(config, tmp_path) == [
        'gatewayd.toml:8:1: plugin "simulater" is not installed; did you mean "simulator"?'
    ]


def test_a_misspelt_plugin_is_all_that_is_said_when_it_leaves_no_source(tmp_path):
    assert problems(tmp_path, BASE.replace("simulator", "simulater")) == [
        'gatewayd.toml:6:1: plugin "simulater" is not installed; did you mean "simulator"?'
    ]


def test_a_gateway_without_any_source_left_cannot_run(tmp_path, install):
    install("bomb", "1 / 0")
    assert problems(tmp_path, HEAD + '[sources.a]\nplugin = "bomb"\n') == [
        (
            'gatewayd.toml:6:1: plugin "bomb" (acme-bomb 1.2) does not import (ZeroDivisionError: division by zero); '
            "see `gatewayd plugins`"
        ),
    ]


def test_a_broken_plugin_does_not_hide_what_is_wrong_elsewhere(tmp_path, install):
    install("bomb", "1 / 0")
    found = problems(tmp_path, BASE + REFERENCES + '[summary]\nevery = "1"\n')
    assert found[-1].startswith("gatewayd.toml:27:1: every: expected a duration")
    assert len(found) == 6


MISBEHAVING = {
    "channels that raise": (
        ("def declare(self):", "def declare(self):\n        1 / 0"),
        "cannot be set up (ZeroDivisionError: division by zero)",
    ),
    "an exit": (
        ("def polls(self, interval):", "def polls(self, interval):\n        raise SystemExit"),
        "cannot be set up (SystemExit)",
    ),
    "what is no exception": (
        ("def polls(self, interval):", "def polls(self, interval):\n        raise BaseException('panic')"),
        "cannot be set up (BaseException: panic)",
    ),
    "polls that are none": (
        ("Poll(0.1, ", "(0.1, "),
        "declares (0.1, ('fast2', 'fast')), which is not a Poll of channels",
    ),
    "channels that are none": (('Channel("slow", "bar")', '"slow"'), "declares 'slow', which is not a Channel"),
    "a kind that is none": (
        ('Channel("slow", "bar")', 'Channel("slow", "bar", "wave")'),
        "declares Channel(name='slow', unit='bar', kind='wave', range=None, labels=",
    ),
    "a poll of nonsense": (('("slow",)', '(["slow"],)'), "cannot be set up (TypeError: unhashable type: 'list')"),
    "a channel twice": (('Channel("slow", "bar")', 'Channel("fast", "bar")'), "declares a channel twice"),
    "a poll of another channel": (
        ('("slow",)', '("slow", "slower")'),
        "declares a poll of channels that it does not have",
    ),
    "a channel without a poll": ((', Poll(interval, ("slow",))', ""), "declares channels that no poll reads"),
    "a channel in two polls": (('("slow",)', '("slow", "fast")'), "declares two polls of one channel"),
    "a range that is none": (
        ('Channel("slow", "bar")', 'Channel("slow", "bar", range=(-160, "160"))'),
        "declares a range that is not two numbers, the lower one first",
    ),
    "a range the wrong way round": (
        ('Channel("slow", "bar")', 'Channel("slow", "bar", range=(160, -160))'),
        "declares a range that is not two numbers, the lower one first",
    ),
    "limits of writing the wrong way round": (
        ('Channel("slow", "bar")', 'Channel("slow", "bar", writable=(1, 0))'),
        "declares what may be written as something other than two numbers, the lower one first",
    ),
    "labels that are none": (
        ('Channel("slow", "bar")', 'Channel("slow", "bar", labels={"3": "fault"})'),
        "declares labels that are not texts of whole numbers",
    ),
    "a line that is none": (
        ("def declare", "def line(self):\n        return '/dev/ttyS0'\n\n    def declare"),
        "gives '/dev/ttyS0' as its line, which is not a Line with a key",
    ),
    "a line with nothing as its key": (
        (
            "def declare",
            "def line(self):\n        return __import__('gatewayd.plugin').plugin.Line(None)\n\n    def declare",
        ),
        "gives <gatewayd.plugin.Line object at ",
    ),
    "a line that raises": (
        ("def declare", "def line(self):\n        1 / 0\n\n    def declare"),
        "cannot be set up (ZeroDivisionError: division by zero)",
    ),
    "words that nobody can write": (
        ("def declare", "def line(self):\n        raise OSError('no \\udcff file')\n\n    def declare"),
        "cannot be set up (OSError: no \\udcff file)",
    ),
    "no channels": (("return [Channel", "return []\n        return [Channel"), "declares no channels"),
    "an option of a type that nobody can write": (
        ("def declare", "lock: type\n\n    def declare"),
        "cannot be set up (NotImplementedError: ",
    ),
    "a type that is not there": (
        ("def declare", "lock: 'Nowhere' = None\n\n    def declare"),
        "cannot be set up (NameError: ",
    ),
}


@pytest.mark.parametrize(("change", "says"), MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_plugin_that_misbehaves_is_named_and_left_out(tmp_path, install, change, says):
    code = TWO_PACES.replace(*change)
    assert code != TWO_PACES
    install("mixed", code)
    options = 'lock = "x"\n' if "lock" in code else ""
    config = loaded(tmp_path, BASE + '[sources.a]\nplugin = "mixed"\n' + options)
    (line,) = said(config, tmp_path)
    assert line.startswith(f'gatewayd.toml:8:1: plugin "mixed" {says}')
    assert list(config.sources) == ["pump1"]


def test_an_error_in_words_from_a_plugins_options_is_a_problem_of_the_table(tmp_path, install):
    code = TWO_PACES.replace(
        "def declare", "def __post_init__(self):\n        raise ValueError('not in this weather')\n\n    def declare"
    )
    install("mixed", code)
    assert problems(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n') == ["gatewayd.toml:5:1: not in this weather"]


def test_half_a_character_in_a_complaint_is_spelt_out(tmp_path, install):
    code = TWO_PACES.replace(
        "def declare", "def __post_init__(self):\n        raise ValueError('no \\udcff file')\n\n    def declare"
    )
    install("mixed", code)
    assert problems(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n') == ["gatewayd.toml:5:1: no \\udcff file"]


def test_half_a_character_in_a_channels_name_is_refused_like_any_other_sign(tmp_path, install):
    install("mixed", TWO_PACES.replace('"slow"', '"slow\\udcff"'))
    (line,) = problems(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n')
    assert line.startswith(r'gatewayd.toml:5:1: "slow\\udcff" cannot be the name of a channel')


@pytest.mark.parametrize("unit", ["'m\\udcff'", "__import__('numpy').str_('m')", "'m' * 10_000"])
def test_a_unit_can_be_sent_whatever_it_is(tmp_path, install, unit):
    install("mixed", TWO_PACES.replace('"bar"', unit))
    channel = loaded(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n').plan.channels[0]
    assert msgspec.json.decode(msgspec.json.encode(channel.unit)) == channel.unit
    assert len(channel.unit) <= 200


def test_an_error_that_names_no_option_is_a_problem_of_the_table(tmp_path, install):
    raising = "def polls(self, interval):\n        raise OptionError([['slow']], None)"
    code = TWO_PACES.replace("def polls(self, interval):", raising).replace(
        "import Channel", "import Channel, OptionError"
    )
    install("mixed", code)
    assert problems(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n') == ["gatewayd.toml:5:1: None"]


def test_too_fast_polls_are_placed_at_the_channel(tmp_path, install):
    install("mixed", TWO_PACES.replace("0.1", "0.001"))
    assert problems(tmp_path, HEAD + '[sources.a]\nplugin = "mixed"\n') == [
        'gatewayd.toml:5:1: "fast2" would be polled every 0.001 s; "10ms" is the shortest interval'
    ]


def test_only_the_plugins_that_are_named_are_imported(tmp_path, install):
    install("bomb", "raise RuntimeError")
    loaded(tmp_path, BASE)
    assert "acme_bomb" not in sys.modules

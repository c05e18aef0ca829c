"""The conformance suite finds what is wrong with the sample that a plugin brings."""

import pytest

from gatewayd.testing import ConformanceError, conformance
from gatewayd.testing.suite import sampling

SOURCE = '[sources.pump1]\nplugin = "simulator"\n'

WRONG = {
    "a default that is none": ("# seed = 2\n", r"its sample says of seed in \[sources.pump1\] what is not the default"),
    "an interval that is not the default": ('# interval = "5s"\n', "says of interval in"),
    "an option that is not there": ("sede = 1\n", 'unknown key "sede" in .*; did you mean "seed"'),
    "a default that is not there": ("# sede = 1\n", 'unknown key "sede"'),
    "a feature of a plugin that is not there": (
        '[features.f]\nchannels = ["*"]\nwindow = "10s"\ncompute = ["cycle.count(1)"]\n',
        "its sample is wrong: .*did you mean",
    ),
}


@pytest.fixture
def tested(monkeypatch):
    def test(sample):
        monkeypatch.setattr(sampling, "brought_sample", lambda plugin, registry: sample)
        conformance("simulator", {})().test_its_sample_is_right_and_its_commented_lines_are_the_defaults()

    return test


@pytest.mark.parametrize(("lines", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_sample_is_named(tested, lines, says):
    with pytest.raises(ConformanceError, match=f"(?s){says}"):
        tested(SOURCE + lines)


@pytest.mark.parametrize("sample", [None, SOURCE, SOURCE + '# seed = 1\n## seed = 7\n# interval = "1s"\n'])
def test_a_right_sample_or_none_passes(tested, sample):
    tested(sample)

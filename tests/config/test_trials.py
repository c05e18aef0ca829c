"""Tests in a config: what is wrong with one is told when the config is read; its recording is not looked at."""

from pathlib import Path

import pytest
from config_files import BASE, FIRST, loaded, problems

RULE = '[rules.high]\nchannel = "pump1.pressure"\nabove = 6\n'


def trial(expect, key=""):
    return f'{BASE}{RULE}[tests.peak]\nrecording = "peak.csv"\nexpect = [{expect}]\n{key}'


def test_a_recording_is_beside_the_config_and_need_not_be_there(tmp_path):
    config = loaded(tmp_path, trial('"high at 60s for 5s", "nothing"', 'as = "pump1"\n'))
    assert config.problems == ()
    assert config.settings.tests["peak"].recording == Path(tmp_path) / "peak.csv"
    assert config.settings.tests["peak"].as_ == "pump1"


def test_tests_do_not_change_what_the_gateway_does(tmp_path):
    assert loaded(tmp_path, trial("")).digest == loaded(tmp_path, BASE + RULE).digest


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ('"hgih at 60s"', 'there is no rule "hgih"; did you mean "high"?'),
        ('"high at sixty"', "'sixty' is no time; write it as 90s, 1h30m, 10:25:34 or 2026-11-26T10:25:34"),
        ('"high at 60s for ever"', "'ever' is no length of time; write it as 5s or 1h30m"),
        ('"high after 60s"', "'high after 60s' is no expectation; write \"RULE at 60s\", "),
    ],
)
def test_an_expectation_that_cannot_be_meant_is_told_with_its_line(tmp_path, expect, said):
    (problem,) = problems(tmp_path, trial(f'"nothing", {expect}'))
    assert problem.startswith(f"gatewayd.toml:{FIRST + 5}:")
    assert said in problem


def test_a_test_without_a_recording_is_told(tmp_path):
    (problem,) = problems(tmp_path, BASE + "[tests.peak]\nexpect = []\n")
    assert '"recording" is missing in [tests.peak]' in problem


def test_a_rule_with_a_mistake_is_known_to_its_test(tmp_path):
    found = problems(tmp_path, trial('"high at 60s"').replace("above", "abov"))
    assert not any("no rule" in problem for problem in found)

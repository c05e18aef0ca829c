"""Problems with forecasts: what an integrator reads, word for word."""

import pytest
from config_files import BASE, loaded, problems


def forecast(*lines, channel="pump1.pressure"):
    """A table whose further lines begin with line 9."""
    return f'[forecasts.wear]\nchannel = "{channel}"\n' + "".join(f"{line}\n" for line in lines)


WRONG = {
    "no limit": (forecast(), ':7:1: "limit" is missing in [forecasts.wear]; add it: a finite number'),
    "an unknown channel": (
        forecast("limit = 1", channel="pump1.presure"),
        ':8:1: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "too short for the channel": (
        '[features.f]\nchannels = ["pump1.pressure"]\ncompute = ["mean"]\nwindow = "2m"\nevery = "1m"\n'
        + forecast("limit = 1", 'over = "1h"', channel="pump1.pressure.mean"),
        ':15:1: over = 3600s is too short; pump1.pressure.mean has a value every 60s: write over = "7200s" or more',
    ),
    "looking back for a minute": (
        forecast("limit = 1", 'over = "1m"'),
        ':10:1: over: expected a duration from "1h" to "365d", got text "1m"',
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, BASE + text) == [f"gatewayd.toml{said}"]


def test_a_forecast_has_four_channels_that_rules_may_use(tmp_path):
    rule = '[rules.soon]\nchannel = "trend.wear.earliest"\nbelow = 14\n'
    plan = loaded(tmp_path, BASE + forecast("limit = 6.0") + rule).plan
    named = {channel.name: channel.unit for channel in plan.channels if channel.name.startswith("trend.")}
    assert named == {
        "trend.wear.days": "d",
        "trend.wear.earliest": "d",
        "trend.wear.latest": "d",
        "trend.wear.slope": "bar/d",
    }
    assert [rule.name for rule in plan.rules] == ["soon"]


def test_what_uses_a_wrong_forecast_is_not_said_to_be_wrong_too(tmp_path):
    rule = '[rules.soon]\nchannel = "trend.wear.days"\nbelow = 14\n'
    assert len(problems(tmp_path, BASE + forecast() + rule)) == 1

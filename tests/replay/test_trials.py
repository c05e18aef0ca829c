"""`gatewayd test`: what a config's tests expect is held against what its recordings lead to."""

import pytest
from config_files import HEAD
from recordings import HIGH, RIG, csv, pressure, rig, run_tests

from gatewayd.config.expectations import Expectation, Moment

LABELS = [int(8 <= n < 18 or 30 <= n < 35) for n in range(40)]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcome(folder, *expectations, columns=None, options=""):
    csv(folder, columns or {"pressure": pressure(), "anomaly": LABELS}, "recordings/one.csv")
    texts = ", ".join(f'"{each}"' for each in expectations)
    table = f'[tests.one]\nrecording = "recordings/one.csv"\nexpect = [{texts}]\n{options}'
    return run_tests(rig(folder, HIGH + table))


@pytest.mark.parametrize(
    "expectations",
    [
        ["high at 13s"],
        ["high at 13s for 7s"],
        ["high at 0m13s for 7s"],
        ["high from 10s to 20s"],
        ["high at 10:00:13"],
        ["high at 2026-11-26T10:00:13 for 7s"],
        ["any at 13s"],
        ["anything else"],
        ["anything else", "high at 13s"],
    ],
)
def test_what_comes_as_expected_is_ok(here, expectations):
    result = outcome(here, *expectations)
    assert result.output == "one: ok\n1 ok, 0 failed\n"
    assert result.exit_code == 0


TOLD = "high at 13s (2026-11-26 10:00:13) for 7s: rig.pressure: 7, above 6 for 3 s"


@pytest.mark.parametrize(
    ("expectations", "lines"),
    [
        (["high at 20s"], ["expected  high at 20s", f"got       {TOLD}"]),
        (["high at 13s for 20s"], ["expected  high at 13s for 20s", f"got       {TOLD}"]),
        ([], ["expected  nothing", f"got       {TOLD}"]),
        (["high at 13s", "high at 14s"], ["expected  high at 14s", "got       no alarm of high"]),
        (
            ["high within 30s of labels"],
            ["expected  high within 30s of labels, which begin at 30s (2026-11-26 10:00:30)", f"got       {TOLD}"],
        ),
    ],
)
def test_what_does_not_is_told_with_what_came_instead(here, expectations, lines):
    result = outcome(here, *expectations)
    assert result.exit_code == 1
    assert result.output.split("\n")[1:-2] == [f"  {line}" for line in lines]
    assert result.output.endswith("0 ok, 1 failed\n")


def test_every_labelled_span_needs_its_alarm_and_further_ones_within_it_are_no_surprise(here):
    values = pressure([*range(9, 13), *range(14, 18), *range(31, 35)])
    assert "ok" in outcome(here, "high within 5s of labels", columns={"pressure": values, "anomaly": LABELS}).output
    late = outcome(here, "high within 3s of labels", columns={"pressure": values, "anomaly": LABELS})
    assert "expected  high within 3s of labels, which begin at 8s" in late.output


def test_a_recording_without_labels_cannot_be_held_against_them(here):
    result = outcome(here, "high within 5s of labels", columns={"pressure": [5, 5]})
    assert "got       the recording labels nothing" in result.output


def test_a_recording_that_cannot_be_replayed_fails_its_test_alone(here):
    tables = '[tests.gone]\nrecording = "gone.csv"\n[tests.quiet]\nrecording = "quiet.csv"\n'
    csv(here, {"pressure": [5, 5]}, "quiet.csv")
    result = run_tests(rig(here, HIGH + tables))
    assert "gone: FAILED\n  " in result.output
    assert "gone.csv: it cannot be read (No such file or directory)" in result.output
    assert "quiet: ok\n1 ok, 1 failed\n" in result.output


def test_that_a_rule_could_not_speak_is_said_of_a_test_that_is_ok(here):
    model = '[models.rig]\nchannels = ["*"]\nlearn = 400\n[rules.unwell]\nchannel = "health.rig"\nabove = 1.0\n'
    csv(here, {"pressure": [5] * 9})
    rig(here, HIGH + model + '[tests.one]\nrecording = "data.csv"\n')
    result = run_tests("gatewayd.toml")
    warning = '  warning: never judged: "unwell", because no good value of "health.rig" came'
    assert result.output.split("\n")[:2] == ["one: ok", warning]
    assert result.exit_code == 0


def test_some_of_the_tests_can_be_run(here):
    csv(here, {"pressure": [5, 5]}, "quiet.csv")
    config = rig(here, HIGH + "".join(f'[tests.{name}]\nrecording = "quiet.csv"\n' for name in "abc"))
    assert run_tests(config, "a", "c").output == "a: ok\nc: ok\n2 ok, 0 failed\n"
    assert "it has no test called 'd'; its tests are a, b, c" in run_tests(config, "d").output


def test_a_config_without_tests_is_told_how_to_have_some(here):
    result = run_tests(rig(here))
    assert result.exit_code == 1
    assert "it has no tests; add [tests.NAME] with recording" in result.output


def test_recordings_are_looked_for_beside_the_config(here):
    csv(here, {"pressure": [5, 5]}, "site/quiet.csv")
    (here / "site" / "gatewayd.toml").write_text(HEAD + RIG + '[tests.quiet]\nrecording = "quiet.csv"\n')
    assert run_tests("site/gatewayd.toml").exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        "high",
        "high at noon",
        "high at 13",
        "high for 5s",
        "high at 13s for long",
        "at 13s",
        "",
        "high within 5 of labels",
    ],
)
def test_what_is_no_expectation_is_refused(text):
    with pytest.raises(ValueError, match="is no"):
        Expectation.parse(text)


def test_moments_are_after_the_first_row_or_by_the_recordings_clock():
    assert Moment.parse("1h30m").after == 5_400_000_000_000
    assert Moment.parse("10:00").clock.hour == 10
    assert Moment.parse("2026-11-26T10:00:13").clock.second == 13

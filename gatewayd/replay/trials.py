"""What `gatewayd test` does: each test of a config is a replay, whose alarms are held against what is expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gatewayd.config import load
from gatewayd.config.expectations import Expectation
from gatewayd.config.settings import Trial
from gatewayd.errors import GatewaydError, ReplayError
from gatewayd.replay.replay import Stream, replay
from gatewayd.replay.telling import unjudged, warnings
from gatewayd.replay.verdicts import differences

HOW_TO = 'add [tests.NAME] with recording = "FILE" and expect = ["RULE at 60s"]'

Say = Callable[[str], None]


def run(config: Path, only: tuple[str, ...], say: Say) -> bool:
    """Run the tests of a config, or `only` some of them, and say how each went. Whether all is as it should be.

    Raises ReplayError when there is nothing to be run, and ConfigError.
    """
    tests = load(config, offline=True).settings.tests
    unknown = [name for name in only if name not in tests]
    if unknown or not tests:
        what = f"it has no test called {unknown[0]!r}" if unknown else "it has no tests"
        raise ReplayError(str(config), what, f"its tests are {', '.join(tests)}" if tests else HOW_TO)
    failed = 0
    wanted = [name for name in tests if not only or name in only]
    for name in wanted:
        wrong, warned = _tried(config, tests[name])
        failed += bool(wrong)
        say(f"{name}: {'FAILED' if wrong else 'ok'}")
        for line in (*wrong, *(f"warning: {warning}" for warning in warned)):
            say(f"  {line}")
    say(f"{len(wanted) - failed} ok, {failed} failed")
    return not failed


def _tried(config: Path, trial: Trial) -> tuple[list[str], list[str]]:
    """What is wrong with one, in lines, and what to be warned of; where all is well, of rules that could not speak."""
    try:
        replayed = replay(config, Stream(paths=[trial.recording], given=trial.as_))
    except GatewaydError as error:
        return str(error).split("\n"), []
    found = differences(replayed, [Expectation.parse(text) for text in trial.expect])
    wrong = [line for each in found for line in (f"expected  {each.expected}", f"got       {each.got}")]
    return wrong, list(warnings(replayed) if wrong else unjudged(replayed))

"""The vote: three of five windows, high enough and well ahead; it survives a restart."""

import math

import pytest

from gatewayd.features.bearings.analysis import Scores
from gatewayd.features.bearings.votes import MARGIN, THRESHOLD, Opinion, Votes, verdict
from gatewayd.records import Fault

HIGH = THRESHOLD + 3
OUTER, INNER, BALL = Scores(HIGH, 1, 2, 30), Scores(1, HIGH, 2, 30), Scores(1, 2, HIGH, 30)
QUIET = Scores(2.5, 1.5, 2, 30)
UNFIT = Scores(math.nan, math.nan, math.nan, 30)


def after(*windows):
    votes = Votes()
    for each in windows:
        votes.push(each)
    return votes.opinion()


@pytest.mark.parametrize(
    ("scores", "fault"), [(OUTER, Fault.OUTER_RACE), (INNER, Fault.INNER_RACE), (BALL, Fault.BALL), (QUIET, Fault.NONE)]
)
def test_a_window_says_which_fault_stands_out(scores, fault):
    assert verdict(scores) == fault


def test_a_window_says_nothing_at_the_threshold_or_without_a_lead():
    assert verdict(Scores(THRESHOLD, 0, 0, 30)) == Fault.NONE
    assert verdict(Scores(20, 20 - MARGIN, 0, 30)) == Fault.NONE
    assert verdict(Scores(20, 20 - 1.01 * MARGIN, 0, 30)) == Fault.OUTER_RACE


def test_three_of_five_windows_make_a_verdict():
    assert after(OUTER, QUIET, OUTER, QUIET).fault == Fault.NONE
    assert after(OUTER, QUIET, OUTER, QUIET, OUTER) == Opinion(Fault.OUTER_RACE, HIGH, 3, 5)
    assert after(BALL, BALL, BALL) == Opinion(Fault.BALL, HIGH, 3, 3)


def test_windows_for_different_faults_do_not_add_up():
    assert after(OUTER, INNER, BALL, OUTER, INNER) == Opinion(Fault.NONE, 2, 0, 5)


def test_only_the_last_five_windows_count():
    assert after(INNER, INNER, INNER, QUIET, QUIET).fault == Fault.INNER_RACE
    assert after(INNER, INNER, INNER, QUIET, QUIET, QUIET) == Opinion(Fault.NONE, 2.5, 3, 5)


def test_without_a_fault_the_score_is_the_highest_median():
    assert after(QUIET, QUIET, Scores(9, 9, 9, 30)) == Opinion(Fault.NONE, 2.5, 3, 3)


def test_an_unfit_window_changes_nothing():
    assert after(OUTER, OUTER, UNFIT, OUTER, UNFIT, UNFIT, UNFIT, UNFIT) == after(OUTER, OUTER, OUTER)


def test_before_the_first_window_there_is_no_score():
    opinion = after(UNFIT)
    assert (opinion.fault, opinion.votes, opinion.windows) == (Fault.NONE, 0, 0)
    assert math.isnan(opinion.score)


@pytest.mark.parametrize("windows", [(), (OUTER,), (OUTER, OUTER, QUIET, BALL, OUTER, INNER)])
def test_the_votes_survive_a_restart(windows):
    before, restored = Votes(), Votes()
    for each in windows:
        before.push(each)
    restored.push(INNER)
    restored.restore(before.state())
    assert restored.push(OUTER) == before.push(OUTER)
    assert restored.state() == before.state()


@pytest.mark.parametrize("state", [b"1", bytes(31), bytes(32 * 6), b"\xff" * 32])
def test_what_is_no_state_is_refused_and_changes_nothing(state):
    votes = Votes()
    votes.push(OUTER)
    with pytest.raises(ValueError, match="expected"):
        votes.restore(state)
    assert votes.opinion().windows == 1

"""What a model makes of values that are missing, late, absurd or no normal."""

import math

import numpy as np
import pytest
from taught_model import LEVELS, SCATTERS, TaughtModel, healthy, taught

from gatewayd.model import Quality


def test_time_that_goes_back_and_rows_that_come_twice_are_passed_over_and_counted():
    model = taught()
    before = model.scores[-1:]
    assert model.row(LEVELS, at=400) is None
    assert model.row(LEVELS, at=399) is None
    assert model.row(LEVELS, at=401) is not None
    assert model.status.passed_over == 2
    assert len(before) == 1


def test_a_channel_without_values_is_left_out_and_the_card_says_so():
    model = TaughtModel(rows=400)
    rows = healthy(800)
    rows[:400, 2] = np.nan
    model.rows(rows[:400])
    card = model.status.versions[0]
    assert card.channels[2].remark == "it had no value in more than half of the rows"
    assert card.doubts == ("pump1.pressure: it had no value in more than half of the rows",)
    assert (model.rows(rows[400:])[20:] < 1.0).all()


def test_a_channel_with_few_values_is_left_out_too():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    rows[150:, 2] = np.nan
    model.rows(rows)
    assert not model.status.versions[0].channels[2].judged


def test_a_channel_that_fails_later_does_not_stop_the_others():
    model = taught()
    rows = healthy(100, seed=2)
    rows[:, 0] = np.nan
    scores = model.rows(rows)
    assert np.isfinite(scores).all()
    assert model.qualities[-1] == Quality.UNCERTAIN
    rows[:, 1] += -10 * SCATTERS[1]
    assert (model.rows(rows)[40:] > 1.0).all()


def test_a_row_that_cannot_be_used_does_not_make_the_score_begin_anew():
    clean, spoilt = taught(), taught()
    for n, row in enumerate(healthy(60, seed=2) + 10 * SCATTERS):
        clean.row(row)
        if n % 3 == 0:
            spoilt.row([np.nan] * 4)
        spoilt.row(row)
    assert spoilt.scores[-1] == clean.scores[-1] > 1.0


def test_absurd_values_spoil_nothing():
    rows = healthy(800)
    rows[::7, 1] = 1e300
    rows[::11, 2] = -1e308
    model = TaughtModel(rows=400)
    model.rows(rows[:400])
    clean = taught()
    assert model.status.versions[0].channels[1].middle == pytest.approx(LEVELS[1], rel=0.1)
    model.rows(rows[400:])
    assert np.isfinite(model.scores[-300:]).all()
    assert clean.status.version == 1


def test_without_half_of_its_channels_there_is_no_score():
    model = taught()
    model.row([np.nan, np.nan, np.nan, LEVELS[3]])
    assert math.isnan(model.scores[-1])
    assert model.reasons[-1] == "no score: pump1.flow is bad"


def test_a_constant_channel_is_no_trouble():
    model = TaughtModel(rows=400)
    rows = healthy(800)
    rows[:, 3] = 7.0
    model.rows(rows[:400])
    assert model.status.versions[0].channels[3].remark == "it never changed"
    assert (model.rows(rows[400:])[20:] < 1.0).all()


def test_channels_that_all_stand_still_are_learned_with_a_doubt_and_not_judged():
    model = TaughtModel(rows=400)
    model.rows(np.tile(LEVELS, (400, 1)))
    assert model.status.doubts == ("no channel has changed while it was learned: there is nothing to judge by",)
    model.row(LEVELS + 1, why="")
    assert model.reasons[-1] == "no score: no channel has changed while it was learned"


def test_spikes_in_what_is_learned_do_not_widen_the_normal():
    rows = healthy(400)
    spiky = rows.copy()
    spiky[::40] *= 5
    clean, spoilt = TaughtModel(rows=400), TaughtModel(rows=400)
    clean.rows(rows)
    spoilt.rows(spiky)
    fault = healthy(100, seed=3) + 12 * SCATTERS
    assert np.median(spoilt.rows(fault)[50:]) > 0.5 * np.median(clean.rows(fault)[50:])


def test_a_fault_in_what_is_learned_makes_it_doubtful():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    rows[260:] += 20 * SCATTERS * np.array([0, -1, 0, 1])
    model.rows(rows)
    (doubt,) = model.status.doubts
    assert doubt.startswith("not one normal: pump1.flow was at 2")
    assert doubt in model.news[-1].reason
    assert model.status.versions[0].spread > 1.0
    model.rows(healthy(10))
    assert model.qualities[-1] == Quality.UNCERTAIN

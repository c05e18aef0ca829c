import math
from itertools import accumulate

import numpy as np
import pytest
from taught_model import LEVELS, SCATTERS, healthy

from gatewayd.models.fitting import fit
from gatewayd.models.scoring import Scoring

GOOD = np.zeros(4, dtype=np.uint8)


def scoring(**more):
    fitted = fit(healthy(400), np.arange(400) == 0)
    return Scoring(fitted, **({"sensitive": False, "adapts": True} | more))


def judge(judging, rows, start=0):
    out, good = np.empty((len(rows), 2)), np.zeros(rows.shape[1], dtype=np.uint8)
    for n, row in enumerate(rows):
        judging.step(start + n, row, good, out[n])
    return out


def test_the_sensitive_preset_alarms_earlier():
    rows = healthy(400, seed=2) + 2 * SCATTERS
    default, sensitive = judge(scoring(), rows)[:, 0], judge(scoring(sensitive=True), rows)[:, 0]
    assert (sensitive > default).all()


def test_shares_add_up_to_one_and_the_largest_comes_first():
    judging = scoring()
    judge(judging, healthy(50, seed=2) + np.array([0, -10, 0, 4]) * SCATTERS)
    shares = [each.share for each in judging.explain()]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)
    assert judging.explain()[0].column == 1


def test_a_level_is_told_from_a_course_and_from_a_relation():
    level, course = scoring(), scoring()
    judge(level, healthy(50, seed=2) + np.array([0, 10, 0, 0]) * SCATTERS)
    assert level.explain()[0].part == "level"
    rough = healthy(50, seed=2)
    rough[::2, 3] += 5 * SCATTERS[3]
    rough[1::2, 3] -= 5 * SCATTERS[3]
    judge(course, rough)
    first = course.explain()[0]
    assert (first.column, first.part) == (3, "course")


def test_channels_that_part_are_told_as_a_relation():
    noise = np.random.default_rng(3)
    common = np.repeat(noise.normal(size=(400, 1)), 2, axis=1) + 0.05 * noise.normal(size=(400, 2))
    judging = Scoring(fit(common, np.arange(400) == 0), sensitive=False, adapts=True)
    out = np.empty(2)
    for n in range(60):
        judging.step(n, np.array([0.3, -0.3]), GOOD[:2], out)
    assert out[0] > 0.3
    assert {each.part for each in judging.explain() if each.share > 0.1} == {"relation to the others"}


def test_since_is_when_a_channel_began_to_stand_out():
    judging = scoring()
    judge(judging, healthy(100, seed=2))
    judge(judging, healthy(100, seed=3) + np.array([0, 10, 0, 0]) * SCATTERS, start=100)
    first, *others = judging.explain()
    assert 100 <= first.since <= 110
    judge(judging, healthy(100, seed=2), start=200)
    assert all(each.since is None for each in judging.explain())
    assert others


def test_a_restart_forgets_the_course_and_keeps_what_was_followed():
    judging = scoring()
    judge(judging, healthy(1000, seed=2) + SCATTERS)
    adapted = judging.adapted
    judging.restart()
    assert judging.adapted == adapted > 0
    assert judging.explain() == ()
    assert math.isnan(judging.score)


def test_freezing_keeps_what_was_followed():
    judging = scoring()
    judge(judging, healthy(1000, seed=2) + SCATTERS)
    adapted = judging.adapted
    judging.freeze(adapts=False)
    judge(judging, healthy(1000, seed=2) + 2 * SCATTERS)
    assert judging.adapted == adapted


def test_what_was_followed_comes_back_within_its_bound():
    judging, again = scoring(), scoring()
    judge(judging, healthy(1000, seed=2) + SCATTERS)
    again.restore(judging.state())
    assert again.adapted == judging.adapted
    with pytest.raises(ValueError, match="multiple of"):
        again.restore(b"1234")
    with pytest.raises(ValueError, match="finite"):
        again.restore(np.full(4, np.nan).tobytes())


def test_adaptation_is_slow_and_bounded():
    judging = scoring()
    ramp = np.linspace(0, 60, 20_000)[:, np.newaxis]
    scores = judge(judging, LEVELS + ramp * SCATTERS)[:, 0]
    assert judging.adapted <= 1.0
    assert (scores[-10_000:] > 1.0).all()


def test_many_channels_of_slow_noise_raise_next_to_nothing():
    noise = np.random.default_rng(1).normal(size=(2200, 32))
    rows = np.array(list(accumulate(noise, lambda before, new: 0.95 * before + new)))[200:]
    fitted = fit(rows[:256], np.arange(256) % 64 == 0)
    assert np.mean(judge(Scoring(fitted, sensitive=False, adapts=True), rows[256:])[:, 0] > 1) < 0.05

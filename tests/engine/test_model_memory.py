"""What a model has learned outlives stops and crashes, and stays small."""

import numpy as np
import pytest
from effort import campaign
from taught_model import LEVELS, NAMES, SCATTERS, TaughtModel, healthy, taught


def test_learning_goes_on_after_a_stop():
    model = TaughtModel(rows=400)
    rows = healthy(400)
    model.rows(rows[:300])
    model.stop()
    again = model.again(boot="boot-2", at=5, rows=400)
    assert again.status.progress == 0.75
    again.rows(rows[300:])
    (card,) = again.status.versions
    assert (card.rows, card.begun.boot, card.learned.boot) == (400, "boot-1", "boot-2")
    assert again.events == ["learned"]


def test_learning_goes_on_after_a_crash_with_what_it_knew_ten_minutes_ago_at_most():
    model = TaughtModel(rows=20_000)
    model.rows(healthy(1700))
    assert model.again(rows=20_000).status.progress == pytest.approx(1200 / 20_000, abs=0.001)
    assert model.saves < 10


def test_learning_goes_on_after_a_crash_with_the_last_tenth_that_it_knew():
    model = TaughtModel(rows=1000)
    model.rows(healthy(799))
    assert model.again(rows=1000).status.progress == pytest.approx(0.7)
    assert model.saves == 2 * 7


def test_a_short_span_is_saved_once_a_minute_at_most():
    model = TaughtModel(rows=300)
    model.rows(healthy(299))
    assert model.saves <= 2 * 4
    assert model.again(rows=300).status.progress >= 0.75


def test_what_was_learned_and_adapted_to_is_there_after_a_crash():
    model = taught()
    model.rows(healthy(1300, seed=2) + SCATTERS)
    again = model.again(boot="boot-2", at=1)
    assert again.status.versions == model.status.versions
    assert again.status.version == 1
    assert again.status.adapted == pytest.approx(model.status.adapted, rel=0.5)
    again.rows(healthy(20, seed=4))
    assert np.isnan(again.scores).tolist() == [True] * 11 + [False] * 9
    assert again.reasons[0] == "no score: it begins anew, 1 of 12 rows"


def test_a_frozen_model_stays_so():
    model = taught()
    model.order("freeze")
    again = model.again()
    assert again.status.frozen
    again.rows(healthy(500, seed=2) + SCATTERS)
    assert again.status.adapted == 0.0


def test_other_channels_are_learned_anew_and_that_is_said():
    model = taught()
    again = model.again(names=NAMES[:3])
    again.row(LEVELS[:3])
    assert again.status.versions == ()
    assert again.news[0].reason == "pump1: learns: its table, or the channels that it judges, have changed"


def test_another_way_to_judge_does_not_need_to_learn_anew():
    model = taught()
    again = model.again(sensitive=True, adapt=False)
    assert again.status.version == 1


@pytest.mark.parametrize("damage", [b"", b"\x00", b"nonsense", b"\x92\x01\x90" + b"\xff" * 100])
def test_a_damaged_memory_is_learned_anew_and_executes_nothing(damage):
    model = taught()
    for key, item in list(model.saved.items()):
        if item.data:
            model.saved[key] = type(item)(
                item.stage, item.name, item.definition, damage or item.data[: len(item.data) // 2]
            )
    again = model.again()
    again.row(LEVELS)
    assert again.status.versions == ()
    assert again.news[0].reason == "pump1: learns: what was saved of it cannot be read"


@pytest.mark.parametrize(("columns", "most"), [(4, 60_000), *campaign((32, 140_000))])
def test_a_model_is_small_also_while_it_learns_its_seventh_version(columns, most):
    names = tuple(f"a_channel_with_a_name_{n}" for n in range(columns))
    rows = np.random.default_rng(1).normal(size=(1024, columns))
    model = TaughtModel(names=names, rows=1024)
    for _ in range(6):
        model.rows(rows)
        model.order("relearn")
    model.rows(rows[:-1])
    model.stop()
    assert len(model.status.versions) == 5
    assert sum(len(item.data) for item in model.saved.values()) < most

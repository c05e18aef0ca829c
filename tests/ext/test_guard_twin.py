"""Guards of both kinds, the compiled one and its twin, say and remember the same to the bit."""

import dataclasses
import math

import numpy as np
import pytest
from effort import campaign
from guarded import SECOND
from histories import histories
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import guard, guarding, reference_guard, reference_memory
from gatewayd_ext.guarding import NOTHING, Checks

LIVELY = st.floats(-3.0, 3.0) | st.sampled_from([0.0, 1.0, 1.0, 1.0])


def test_what_is_saved_is_what_the_twin_remembers():
    kinds = {field.name: field.type for field in dataclasses.fields(reference_memory.Remembered)}
    assert tuple(kinds) == guarding.FIELDS
    assert {name for name, kind in kinds.items() if kind == "float"} == set(guarding.REALS)


@given(data=st.data(), rest=st.sampled_from([-1, 0, SECOND]), jump=st.sampled_from([0.0, 2.0, math.inf]))
def test_guards_of_both_kinds_agree_to_the_bit(data, rest, jump):
    checks = (Checks(rest=rest, jump=jump), Checks(-5.0, 5.0, missing=0.05), NOTHING)
    long = [data.draw(LIVELY) for _ in range(4)]
    polls = [(n * SECOND, np.array([long[n % 4] + n % 3, math.sin(n), n]), np.zeros(3, np.uint8)) for n in range(150)]
    assert_twins_agree(checks, [*polls, *data.draw(histories(3))], [data.draw(st.booleans()) for _ in range(10)])


@pytest.mark.parametrize("seed", [0, *campaign(1, 2, 3, 4)])
def test_guards_of_both_kinds_agree_on_a_long_story(seed):
    rng = np.random.default_rng(seed)
    story = []
    for n in range(1500):
        values = np.array([rng.normal(), math.sin(n / 50), float(rng.integers(3)), 3.0 + 0.01 * rng.normal()])
        values[0] *= 1e-3 if 700 < n < 900 else 1.0
        values[3] = 3.0 if 400 < n < 600 else values[3] + 50.0 * (rng.random() < 0.01)
        qualities = rng.choice([0, 0, 0, 0, 0, 1, 2 if n < 300 else 0, 255], size=4).astype(np.uint8)
        story.append((n * SECOND + int(rng.integers(10**8)), values, qualities))
    found = assert_twins_agree((Checks(), Checks(), Checks(rest=5 * SECOND), Checks(0.0, 50.0)), story, [False])
    assert found >= {0, 1, guarding.STUCK, guarding.FLAT, guarding.DROPOUTS}


def assert_twins_agree(checks, polls, resting):
    """Both say and remember the same; the faults that were found."""
    both = [kind.Guard(SECOND, checks) for kind in (guard, reference_guard)]
    n, found = len(checks), set()
    for place, (time, values, qualities) in enumerate(polls):
        told = []
        for one in both:
            one.rest(0, resting[place % len(resting)])
            count = one.push(time, values, qualities, place % 3)
            lowered, faults = np.empty(n, np.uint8), np.empty(n)
            one.read(lowered, faults)
            told.append((count, lowered.tobytes(), faults.tobytes()))
            found.update(faults.tolist())
        assert told[0] == told[1]
    assert both[0].state() == both[1].state()
    assert repr([both[0].fact(n) for n in range(n)]) == repr([both[1].fact(n) for n in range(n)])
    return found

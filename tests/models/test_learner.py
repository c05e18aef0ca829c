import msgspec
import numpy as np
import pytest

from gatewayd.model import Quality
from gatewayd.models.learner import Learned, Learner
from gatewayd.records import Stamp

SECOND = 1_000_000_000
GOOD, UNCERTAIN, BAD = (np.uint8(each) for each in (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD))


def learner(span=0, rows=400):
    return Learner(2, "first", span, rows)


def push(learner, values=(1.0, 2.0), qualities=(GOOD, GOOD), since=SECOND):
    return learner.push(Stamp("b", 7), np.array(values), np.array(qualities, dtype=np.uint8), since)


def test_half_of_the_channels_must_be_good():
    learning = learner()
    assert push(learning, (1.0, np.nan), (GOOD, BAD))
    assert not push(learning, (1.0, 2.0), (UNCERTAIN, BAD))
    assert not push(learning, (np.inf, -1e200))
    assert (learning.usable, learning.passed_over) == (1, 2)
    assert np.isnan(learning.rows()).tolist() == [[False, True]]


def test_it_is_done_after_so_many_rows():
    learning = learner(rows=50)
    for _ in range(49):
        push(learning)
    assert (learning.progress, learning.done) == (0.98, False)
    assert learning.in_words() == "49 of 50 rows"
    push(learning)
    assert learning.done


@pytest.mark.parametrize(
    ("span", "lasted", "words"),
    [
        (90, 45, "50 % of 1.5 min"),
        (600, 599, "99 % of 10 min"),
        (24 * 3600, 30_240, "35 % of 1 d"),
        (3600, 36, "1 % of 1 h"),
        (12 * 3600, 0, "0 % of 12 h"),
    ],
)
def test_how_far_it_is_is_said_as_people_do(span, lasted, words):
    learning = learner(span=span * SECOND, rows=0)
    for _ in range(51):
        push(learning, since=lasted * SECOND // 50)
    assert learning.in_words() == words


def test_a_row_that_follows_no_other_adds_no_time():
    learning = learner(span=60 * SECOND, rows=0)
    push(learning, since=None)
    push(learning)
    assert learning.lasted == SECOND


def test_its_state_goes_on_where_it_was_taken():
    learning = learner()
    for n in range(100):
        push(learning, (n, np.nan if n % 3 else n), since=None if n == 50 else SECOND)
    data = msgspec.msgpack.decode(msgspec.msgpack.encode(learning.state()), type=Learned)
    again = Learner.of(data, 2, 0, 400)
    assert np.array_equal(again.rows(), learning.rows(), equal_nan=True)
    assert np.array_equal(again.starts(), learning.starts())
    assert (again.why, again.begun, again.progress) == ("first", Stamp("b", 7), 0.25)


def test_what_cannot_be_its_state_is_refused():
    learning = learner()
    push(learning)
    with pytest.raises(ValueError, match="so many columns"):
        Learner.of(learning.state(), 3, 0, 400)
    with pytest.raises(ValueError, match="so many columns"):
        Learner.of(msgspec.structs.replace(learning.state(), usable=-1), 2, 0, 400)

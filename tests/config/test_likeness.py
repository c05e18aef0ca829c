"""The name that is most like a word is the one that difflib finds."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from gatewayd.config.likeness import most_alike

WORDS = st.text("abAB.12_é\n", max_size=8) | st.text(max_size=8)


@given(WORDS, st.lists(WORDS, max_size=12, unique=True))
def test_it_is_the_one_that_difflib_finds(word, names):
    assert most_alike(word, names) == difflib.get_close_matches(word, names, n=1, cutoff=0.6)


def test_of_two_that_are_as_like_it_is_the_same_one_as_difflibs():
    names = [f"pump{n}.pressure" for n in range(200)]
    for word in ("pumpe17.pressur", "pump.presure", "17", "pump17.pressure", "flow"):
        assert most_alike(word, names) == difflib.get_close_matches(word, names, n=1, cutoff=0.6)


def test_few_of_many_are_compared(monkeypatch):
    compared = []
    ratio = difflib.SequenceMatcher.ratio
    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", lambda self: compared.append(self.a) or ratio(self))
    names = [f"pump{n}.{channel}" for n in range(300) for channel in ("pressure", "flow", "body_temp", "speed")]
    assert most_alike("pump17.presure", names) == ["pump17.pressure"]
    assert len(compared) < 10

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.foreign import LONGEST, encodable, one_line, raised


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_a_text_holds_it_can_be_sent_and_is_no_longer_than_agreed(text):
    assert msgspec.json.decode(msgspec.json.encode(encodable(text))) == encodable(text)
    assert len(one_line(text)) <= LONGEST
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize("text", ["", "no answer within 1 s", "Druck über 6 bar", "🌡"])
def test_a_text_that_can_be_sent_stays_as_it_is(text):
    assert one_line(text) == encodable(text) == text


def test_half_a_character_is_spelt_out():
    assert one_line("no file\udcff\n here") == "no file\\udcff here"


def test_texts_of_other_types_become_plain_ones():
    assert type(encodable(np.str_("odd"))) is type(one_line(np.str_("odd"))) is str


def test_an_exception_that_cannot_say_what_it_is_about_is_told_by_its_kind():
    class Panic(BaseException):
        pass

    class MuteError(Exception):
        def __str__(self):
            raise Panic

    assert raised(MuteError()) == "MuteError"
